/*
 * Keys, the lists that they lead to, and regions that are left: superseded,
 * revoked, or those of an lbd that died, and the next made its own. Every name
 * that is asked for with #ifdef or #ifndef breaks a step; run.sh defines them
 * one at a time.
 *
 * Two services. `stays` is in list 1 in every world, but not always at the same
 * index; `leaves` stands before it, until it goes: out of the file, or to list
 * 2, which has other rules or none. List 1 may outgrow its region. One program
 * that list 1 is open to, and list 2 only where that has no rules, looks one of
 * them up.
 *
 * A step of the model is one load or one store of the code, and the function
 * that it stands for is named above it:
 *
 *	a reload	publish_world() the same and clear_up() in lbd/publish.c,
 *					publish_outgrown_list()
 *	leaving		forget()	region_forget(), region_revoke() in
 *			revoke()	lbd/region.c
 *	attaching	attach()	attach_again() in shim/attach.c
 *	a connect()	reader()	route_find() in shim/route.c
 *
 * Change them together. slots.pml looks into the slots, and says why one reader
 * and stores in order do. Left out are the failover of a connect() that is under
 * way, which looks at no flags until its list is wiped, and a key region that is
 * outgrown: it is read like any other.
 *
 * It claims of every lookup, wherever the writer is, or died:
 *
 *  - a backend is one of the service that was asked for, of one version, and of
 *    no older one than the keys were of when the lookup began, be it in a
 *    region that was outgrown (where lbd does not say who may have a list that
 *    is new and open to all: one before). So who may not use a service any more
 *    gets none from the commit of those keys on;
 *  - once a list is seen to be revoked, no backend comes out of it, nor the
 *    answer that there is no such address;
 *  - where the writer does not move, a service that stays is found;
 *  - it ends: every loop is bounded.
 */

#define CHANGES 2 /* of the first lbd; the next has none */

#define READ_TRIES 3 /* TABLE_READ_TRIES */

/*
 * The words of a region: struct table_control, and three slots. All of a slot
 * but its generation is one word, for slots.pml has shown that what is accepted
 * is of one piece: the version that wrote it, and what stands there.
 */
#define CURRENT 0
#define FLAGS 1
#define SLOT(g) (2 + ((g) % 3) * SLOT_WORDS)
#define GENERATION 0
#define CONTENTS 1
#define SLOT_WORDS 2
#define REGION_WORDS (2 + 3 * SLOT_WORDS)
#define VERSION(word) ((word) >> 3)

#define SUPERSEDED 1
#define REVOKED 2

/* Services by their tags, and in the order of these in a list. */
#define LEAVES 1
#define STAYS 2
#define FOLLOWED 4 /* by the one that stays */
#define TAG_AT(word, i) ((i) -> ((word) & FOLLOWED -> STAYS : 0) : (word) & 3)

/* Keys say where the one is that leaves, and with that all. */
#define HERE 1	 /* in list 1, as the one that stays */
#define GONE 2
#define CLOSED 3 /* in list 2, which has rules */
#define OPEN 4	 /* in list 2, which has none */
#define PLACE(word) ((word) & 7)
#define LIST_OF(word, tag) \
	((tag) == STAYS || PLACE(word) == HERE \
		-> 1 : (PLACE(word) == GONE -> 0 : 2))
#define INDEX_OF(word, tag) \
	((tag) == STAYS && PLACE(word) == HERE -> 1 : 0)

/* Regions: the keys, list 1, the larger one that it moves to, list 2; then
 * those of the next lbd. */
#define KEYS(life) ((life) * 4 * REGION_WORDS)
#define FIRST(life) (KEYS(life) + REGION_WORDS)
#define LARGER(life) (KEYS(life) + 2 * REGION_WORDS)
#define SECOND(life) (KEYS(life) + 3 * REGION_WORDS)
#define NO_REGION 0 /* where the keys are */
#define LIVES 2

byte m[LIVES * 4 * REGION_WORDS];

mtype = { NOTHING, SERVICE_FOUND, BACKEND_FOUND, CHANGED, STRANGE };

byte first_generation; /* not always 1: most regions are published often */

/* lbd, as those see it who attach while it is not at work */
bool at_rest;
bool attached; /* the reader: a death before is nothing to it */
byte life;
byte region;	   /* of list 1 */
byte place = HERE; /* of the service that leaves */

byte version;
byte committed[LIVES]; /* the version of the keys */
bool moved;	       /* the writer, since the lookup began */

/* table_store(): before each of them the writer may die. */
#define STORE(at, value) \
	if \
	:: atomic { m[at] = value; moved = true } \
	:: life + 1 < LIVES && attached -> goto died \
	fi

/* table_begin() in shim/table.h */
inline begin(base)
{
	d_step {
		next = m[base + CURRENT] + 1;
		slot = base + SLOT(next)
	}
	STORE(slot + GENERATION, 0)
}

/* publish_list_show() in lbd/publish_list.c, publish_keys() in publish_keys.c */
inline publish(base, contents)
{
	begin(base);
	STORE(slot + CONTENTS, version << 3 | contents);
	STORE(slot + GENERATION, next);
	/* table_commit() in shim/table.h */
	if
	:: atomic {
		m[base + CURRENT] = next;
		moved = true;
		if
		:: base == KEYS(life) -> committed[life] = version
		:: else
		fi
	}
	:: life + 1 < LIVES && attached -> goto died
	fi
}

/* The same in a region that nobody has yet: it is not seen how. */
inline publish_first(base, contents)
{
	d_step {
		slot = base + SLOT(first_generation);
		m[slot + CONTENTS] = version << 3 | contents;
		m[slot + GENERATION] = first_generation;
		m[base + CURRENT] = first_generation;
		slot = 0
	}
}

/* The lists in publish_world(), lbd/publish.c */
inline publish_lists()
{
	d_step { contents = (place == HERE -> LEAVES | FOLLOWED : STAYS) }
	if
	:: outgrows -> publish_first(region, contents)
	:: else -> publish(region, contents)
	fi;
#ifndef OUTGROWN_LEFT_BEHIND
	/* publish_outgrown_list() in lbd/publish_outgrown.c */
	if
	:: outgrown -> publish(FIRST(life), contents)
	:: else
	fi;
#endif
	/* a list that is new has a region that is */
	if
	:: place >= CLOSED && !m[SECOND(life) + CURRENT] ->
		publish_first(SECOND(life), LEAVES)
	:: place >= CLOSED && m[SECOND(life) + CURRENT] ->
		publish(SECOND(life), LEAVES)
	:: else
	fi
}

/* wipe_slot() in lbd/region.c */
inline wipe_slot()
{
	STORE(slot + GENERATION, 0);
	STORE(slot + CONTENTS, 0)
}

/* region_revoke() in lbd/region.c */
inline revoke(base)
{
#ifndef WIPED_BEFORE_REVOKED
	STORE(base + FLAGS, SUPERSEDED | REVOKED);
#endif
	for (i : 0 .. 2) {
		slot = base + SLOT(i);
		wipe_slot()
	}
#ifdef WIPED_BEFORE_REVOKED
	STORE(base + FLAGS, SUPERSEDED | REVOKED);
#endif
	skip
}

/* region_forget() in lbd/region.c; what else it wipes nobody looks at */
inline forget(base)
{
	for (i : 0 .. 2) {
		slot = base + SLOT(i);
		if
		:: slot != base + SLOT(m[base + CURRENT]) -> wipe_slot()
		:: else
		fi
	}
}

/* clear_up() in lbd/publish.c */
inline clear_up()
{
	if
	:: outgrows -> STORE(FIRST(life) + FLAGS, SUPERSEDED)
	:: else
	fi;
	if
	:: bereft ->
		forget(region);
		if
		:: outgrown -> revoke(FIRST(life))
		:: else
		fi;
		outgrown = false
	:: else
	fi
}

/* publish_world() in lbd/publish.c; nothing else of world_change() is seen */
inline publish_world()
{
#ifdef KEYS_BEFORE_LISTS
	publish(KEYS(life), place);
	publish_lists();
#else
	publish_lists();
#ifdef FORGOTTEN_BEFORE_KEYS
	if
	:: bereft -> forget(region)
	:: else
	fi;
#endif
	publish(KEYS(life), place);
#endif
	clear_up()
}

/* What is in the file; a service that has gone does not come back. */
inline choose_place()
{
	if
	:: place == HERE -> place = GONE
	:: place == HERE ->
		place = CLOSED;
		bereft = true /* lists_part() in lbd/lists.c */
	:: place == HERE -> place = OPEN
	:: true
	fi
}

/* What publish_prepare() in lbd/publish.c gets memory for. */
inline choose_region()
{
	if
	:: region == FIRST(life) ->
		region = LARGER(life);
		outgrows = true;
		outgrown = true
	:: true
	fi
}

/* lbd begins with regions of its own, before it answers anybody. */
inline start()
{
	atomic {
		region = FIRST(life);
		place = HERE;
		version++;
		choose_place();
		contents = (place == HERE -> LEAVES | FOLLOWED : STAYS);
		publish_first(region, contents);
		if
		:: place >= CLOSED -> publish_first(SECOND(life), LEAVES)
		:: else
		fi;
		publish_first(KEYS(life), place);
		committed[life] = version;
		contents = 0; outgrown = false; bereft = false;
		at_rest = true
	}
}

active proctype writer()
{
	byte worlds, slot, next, contents, i;
	bool outgrows, outgrown, bereft;

	select(first_generation : 1 .. 3);
	start();
	do
	:: worlds < CHANGES ->
		atomic {
			at_rest = false;
			worlds++;
			version++;
			choose_place();
			choose_region()
		}
		publish_world();
		atomic {
			at_rest = true; outgrows = false; bereft = false;
			slot = 0; next = 0; contents = 0; i = 0
		}
	:: break
	od;
	goto end;
	/*
	 * Another lbd, with regions of its own. Those that there are stay as
	 * they are, and who has them reads on.
	 */
died:
	atomic {
		slot = 0; next = 0; contents = 0; i = 0; worlds = 0;
		outgrows = false; bereft = false; outgrown = false;
		life++;
		version = CHANGES + 1
	}
	start();
end:
	skip
}

/* An answer of lbd: it gives the regions that it has. */
inline take()
{
	mine = life;
	first = region;
	second = (place == OPEN -> SECOND(life) : NO_REGION);
	since = committed[life]
}

/* attach_again(), attach_current(): lbd may have nothing to say */
inline attach()
{
	if
	:: atomic { at_rest -> take(); renewed = true }
	:: renewed = false
	fi
}

/* find_key() and judge() in shim/lookup.c */
inline lookup_service()
{
	found = CHANGED;
	times = 0;
	do
	:: found == CHANGED && times < READ_TRIES ->
		times++;
		/* table_open() in shim/table.h */
		d_step { g = m[KEYS(mine) + CURRENT]; slot = KEYS(mine) + SLOT(g) }
		keys = m[slot + CONTENTS];
		/* table_whole() */
		atomic {
			if
			:: !g || m[slot + GENERATION] != g
			:: else ->
				assert(VERSION(keys) >= since);
				guarded = PLACE(keys) == CLOSED;
				list = LIST_OF(keys, asked);
				index = INDEX_OF(keys, asked);
				at = (list == 1 -> first : second);
				if
				:: !list -> found = NOTHING
				:: list && at == NO_REGION -> found = STRANGE
				:: else -> found = SERVICE_FOUND
				fi
			fi;
			g = 0; slot = 0; keys = 0; list = 0
		}
	:: else -> times = 0; break
	od
}

/* lookup_superseded() and lookup_revoked() */
inline look_at_flags()
{
	d_step {
		flags = m[at + FLAGS];
		if
		:: flags & REVOKED -> closed = at
		:: else
		fi
	}
}

/* find_now() in shim/route.c */
inline find_now()
{
	lookup_service();
	done = found != STRANGE;
	if
	:: found == SERVICE_FOUND ->
		look_at_flags();
		atomic { done = !(flags & SUPERSEDED); flags = 0 }
	:: else
	fi
}

/* Not to be there says something only in a slot that is whole. */
#ifndef TORN_SLOT_BELIEVED
#define IS_WHOLE(slot, g) m[slot + GENERATION] == g
#else
#define IS_WHOLE(slot, g) true
#endif

/* service_at() in shim/lookup.c */
inline service_at()
{
	d_step {
		backend = m[slot + CONTENTS];
#ifndef SERVICE_TAG_NOT_CHECKED
		there = TAG_AT(backend, index) == asked
#else
		there = TAG_AT(backend, index) != 0
#endif
	}
}

/* find_in_list() in shim/lookup_elsewhere.c: there is one list to search, and
 * the one that leaves stands first */
inline lookup_elsewhere()
{
	at = first;
	d_step { g = m[at + CURRENT]; slot = at + SLOT(g) }
	times = 0;
	index = 0;
	there = false;
	do
	:: times < 2 && !there ->
		service_at();
		d_step { there = there && g && m[slot + GENERATION] == g }
		if
		:: !there -> d_step { times++; g--; slot = at + SLOT(g) }
		:: else
		fi
	:: else -> break
	od;
	atomic {
		found = (there -> SERVICE_FOUND : NOTHING);
		strayed = true;
		g = 0; slot = 0; backend = 0; there = false; times = 0
	}
}

/* find_after_attach() in shim/route.c */
inline find_after_attach()
{
	turns = 0;
	do
	:: !done && turns < READ_TRIES ->
		turns++;
		attach();
		find_now();
		if
		:: !done && !renewed -> break
		:: else
		fi
	:: else -> break
	od;
	turns = 0;
	renewed = false;
	if
	:: done
	:: !done && found == STRANGE ->
		if
		:: !guarded -> lookup_elsewhere()
		:: else
		fi
	:: else ->
		look_at_flags();
		atomic {
			if
#ifndef REVOKED_NOT_CHECKED
			:: flags & REVOKED -> found = STRANGE
#endif
			:: else
			fi;
			flags = 0
		}
	fi
}

/* lookup_backend() in shim/lookup.c */
inline lookup_backend()
{
	found = CHANGED;
	times = 0;
	do
	:: found == CHANGED && times < READ_TRIES ->
		times++;
		d_step { g = m[at + CURRENT]; slot = at + SLOT(g) }
		service_at();
#ifndef PREVIOUS_NOT_LOOKED_AT
		if
		:: !there && IS_WHOLE(slot, g) ->
			/* table_open_previous() in shim/table.h */
			d_step { g--; slot = at + SLOT(g) }
			service_at()
		:: else
		fi;
#endif
		atomic {
			if
			:: there && g && m[slot + GENERATION] == g ->
				found = BACKEND_FOUND
			:: else -> backend = 0
			fi;
			there = false; g = 0; slot = 0
		}
	:: else -> times = 0; break
	od
}

active proctype reader()
{
	byte mine, first, second, since;   /* what it has attached */
	byte asked, closed;		   /* a list seen to be revoked */
	byte tries, turns, times;
	byte keys, list, index, at, g, slot, flags, backend;
	bool renewed, done, guarded, there, strayed;
	mtype found = CHANGED;

end:
	atomic { at_rest -> take(); attached = true }
	/* route_find() in shim/route.c */
	atomic {
		if
		:: asked = STAYS
		:: asked = LEAVES
		fi;
		since = committed[mine];
		moved = false
	}
	do
	:: found == CHANGED && tries < READ_TRIES ->
		tries++;
		find_now();
		if
		:: done
		:: else -> find_after_attach()
		fi;
		if
		:: found == SERVICE_FOUND -> lookup_backend()
		:: else
		fi;
		if
		:: found == CHANGED -> attach(); renewed = false
		:: else
		fi
	:: else -> break
	od;
	atomic {
		if
		:: found == CHANGED -> found = NOTHING
		:: else
		fi;
		if
		:: found == BACKEND_FOUND ->
			assert(TAG_AT(backend, index) == asked);
			assert(VERSION(backend) + strayed >= since);
			assert(at != closed)
		:: found == NOTHING ->
			assert(moved || asked != STAYS);
			assert(!closed || at != closed)
		:: else ->
			assert(asked != STAYS || closed)
		fi;
		mine = 0; first = 0; second = 0; since = 0; asked = 0;
		closed = 0; tries = 0; index = 0; at = 0; backend = 0;
		strayed = false; done = false; guarded = false; found = 0
	}
}
