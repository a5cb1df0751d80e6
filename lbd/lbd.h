/*
 * What runs: the daemon's state, one struct from main, handed down.
 *
 * A *_conf is what the file says and is replaced by a reload; the struct
 * around it is what has been learnt, and is kept where the file still has it.
 */
#ifndef LBD_LBD_H
#define LBD_LBD_H

#include "conf.h"
#include "health.h"
#include "holders.h"
#include "region.h"

#include <ev.h>

struct service;

/* What the operator wants of a backend, whatever its health. */
enum will {
	WILL_READY, /* its health decides */
	WILL_DRAIN, /* no new connections */
	WILL_MAINT, /* the same, and not probed */
};

struct backend {
	const struct backend_conf *conf;
	struct service *service;
	uint32_t number;  /* of its line in the counters; never reused */
	uint32_t ordinal; /* in its service, file order */
	enum will will;
	double will_since; /* ev_now(); 0 = from the start */
	unsigned weight;   /* by hand, 1..256; 0 = the file's */
	struct health health;
	struct ejection ejection;
	struct ramp ramp;
	struct backend *next_moved, *next_tended;
	bool moved, tended;	    /* on those lists */
	struct probe *probe;	    /* NULL: not probed */
	uint64_t picks, ok, failed; /* as callers report them */
	uint32_t connections;	    /* live ones on this host, last counted */
	uint32_t standing;	    /* of those, by now, as far as known */
	uint32_t load;		    /* as callers compare it, of LOAD_UNIT */
	uint16_t pick;		    /* what one more adds; state_pick() */
	bool full;		    /* at max-conns or above */
	bool was_usable;	    /* as its load last knew */
	struct fading *fading;	    /* NULL: its load is its connections */
	struct backend *twin;	    /* the next at the same address */
};

/* Where a service stands in its list region, as last published. */
struct placement {
	uint32_t index;
	uint32_t first;		  /* backend */
	uint64_t wheel[FAMILIES]; /* word in the part << 32 | room */
};

struct service {
	const struct service_conf *conf;
	const char *zone; /* this host's; NULL: none */
	struct list *list;
	struct list *former; /* in the world before, while it goes; or NULL */
	uint32_t tag;	     /* never reused: a stale index finds another */
	uint32_t counter;    /* index in the counters; kept by name */
	struct backend **backend;
	size_t backends;
	struct placement placement;
	struct use use;
	size_t ejected; /* backends, by their callers' failures */
	struct service *next_turned;
	bool turned;	      /* on that list: its wheel is to be published */
	struct service *heir; /* the same in a world to come; or NULL */
	bool stale;	      /* has changed since that world was written */
	bool gone;	      /* its world is over: callers see nothing of it */
	bool panic[FAMILIES]; /* as last published */
	uint64_t attempts, denied, failovers, no_backend;
	double carried, ending; /* sums over its backends, see flow.h */
};

/* Services with the same rules: who may see one may see all of them. */
struct list {
	const struct rules *rules; /* count 0: open to everybody */
	uint32_t id;		   /* never reused */
	uint32_t refusal; /* never reused; the denied know this set of rules
			     by it, see struct table_key */
	uint32_t index;	  /* in attach replies */
	struct region *region;
	bool fresh;		 /* made for this world */
	struct region *replaced; /* by the next publish, for it is too small */
	struct region *outgrown; /* that were; programs still read them */
	bool bereft; /* a service has gone under other rules; until published */
	struct service **service;
	size_t services;
	unsigned doubted; /* SUBJECT_* that a caller's was not known of */
};

/* One configuration at work. */
struct world {
	struct conf *conf;
	struct service *service; /* file order */
	size_t services;
	struct list **list; /* by index; NULL where one is gone */
	size_t lists;
	unsigned needs; /* SUBJECT_* that some rule names */
};

/* What the change of the world that is under way takes, or the last one, in
 * seconds of the processor's time, where it is not said. */
struct tempo {
	double turned;	   /* when the loop had its last turn */
	double turned_at;  /* the same, by the clock */
	double noted;	   /* up to when `work` counts */
	double work;	   /* all of it, without the loop's turns */
	double piece;	   /* the longest between two of these */
	double write;	   /* the table is written */
	double write_took; /* by the clock */
	double at_once;	   /* it is shown, and the worlds change places */
};

struct lbd {
	struct ev_loop *loop;
	uint64_t unread;  /* connect()s of callers that found no whole table */
	const char *path; /* of lbd.ini */
	struct overview overview;
	struct world world;
	struct region *keys;	/* and those it has outgrown */
	struct service *turned; /* those whose wheels are to be published */
	bool changing;		/* a world to come is being made */
	uint32_t last_list, last_tag, last_backend; /* numbers given out */
	uint32_t counters;	/* services that counters need room for */
	struct holders holders; /* of the lists */
	struct callers *callers;
	struct intake *intake;
	struct admin *admin;
	struct reload *reload;
	struct audit *audit; /* NULL: nothing is said of denials */
	struct kernel *kernel;
	struct scripts *scripts; /* NULL until a probe runs one */
	struct hub *hubs;	 /* of probes by libcurl; NULL: none */
	ev_timer beat;		 /* the heartbeat */
	ev_prepare turn;      /* publishes what a loop iteration has changed */
	ev_timer reload_soon; /* many hang-ups, one reload */
	ev_timer ready;	      /* the first round of probes is over */
	ev_tstamp started, reloaded;
	void (*between)(struct lbd *lbd); /* see interlude.h; NULL: nobody */
	struct tempo tempo;
	bool ending;
};

#endif
