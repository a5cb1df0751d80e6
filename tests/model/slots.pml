/*
 * One list region: slots, wheels, state words; a writer that may die before
 * any of its stores, and a reader. Every name that is asked for with #ifdef or
 * #ifndef breaks a step; run.sh defines them one at a time.
 *
 * A step of the model is one load or one store of the code, and the function
 * that it stands for is named above it:
 *
 *	begin, fill	publish()	publish_list_fill(), table_begin(),
 *					publish_list_show(), table_commit()
 *	a turn		write_turn()	the same in lbd/publish_wheels.c
 *	a state word	publish_state() the same in lbd/publish_state.c
 *	a new lbd	died:		region_adopt() in lbd/region.c, then a
 *					publish like any other: what one that
 *					takes regions over would do. Today tests
 *					do; a restarted lbd makes its own
 *	a reading	read_once()	lookup_backend() in shim/lookup.c,
 *					candidate_look() in shim/candidate.h
 *
 * Whoever changes the order of loads or stores there changes it here, and sees
 * whether the claims still hold; a check that is new gets a name that leaves it
 * out. Left out are labels, names and the hash of the keys, which are read in
 * between the same two calls, table_open() and table_whole(); two writers at a
 * time; and generations that wrap.
 *
 * It claims of every lookup, whatever it meets:
 *
 *  - what it accepts is of one generation, all of it, and of one turn;
 *  - that generation is not older than the one that was current when the lookup
 *    began, nor the turn: once the writer rests, it is the last;
 *  - a state word that is judged is that of the backend that is looked at;
 *  - it ends after three tries, and a try is in vain only where two publishes,
 *    or two turns, and the begin of a third fell into it: a writer that died
 *    stands in nobody's way;
 *
 * and of the writer: when it rests, what is current is what it means.
 *
 * Memory: the writer's stores are releases, the reader's loads acquires, one
 * writes at a time and readers write nothing. So a reader, however late it
 * learns of stores, learns of them in order, and never of an earlier state than
 * before: it is as one that is slower, and all speeds are tried here. One
 * reader does, for readers do not see each other. STORES_OVERTAKE and
 * LOADS_OVERTAKE take that order away.
 */

#define ACTIONS 5 /* of the writer, and of those that come after it */
#define DEATHS 2

#define SLOTS 3 /* TABLE_SLOTS */
#define BUFFERS 3 /* WHEEL_BUFFERS */
#define READ_TRIES 3 /* TABLE_READ_TRIES */

/*
 * The words of struct table_control, table_slot, table_service, table_backend
 * and table_wheel that take part; one each for those that are alike.
 *
 * Each says which version wrote it, so that mixtures show: versions count what
 * was begun, generations what was committed. In every version another backend
 * stands there.
 */
#define CURRENT 0
#define SLOT(g) (1 + ((g) % SLOTS) * SLOT_WORDS)
#define GENERATION 0
#define SERVICE 1
#define ADDR 2
#define WHERE 3
#define STATE 4 /* version << 1 | down */
#define WHEEL 5 /* turns are counted here */
#define BUFFER(t) (6 + ((t) % BUFFERS) * BUFFER_WORDS)
#define TURN 0
#define SIZE 1 /* version << 3 | turn */
#define STOP 2 /* version << 3 | turn */
#define BUFFER_WORDS 3
#define SLOT_WORDS (6 + BUFFERS * BUFFER_WORDS)

byte m[1 + SLOTS * SLOT_WORDS];

byte version;	       /* that the writer is about to publish, or has */
byte was[ACTIONS + 3]; /* versions, by the generations that they became */

#ifdef STORES_OVERTAKE
bool held;
byte held_at, held_value;

/* A store that others overtake, for as long as it likes. */
active proctype late()
{
end:
	do
	:: atomic { held -> m[held_at] = held_value; held = false; held_at = 0;
		held_value = 0 }
	od
}
#define OVERTAKEN(at, value) \
	:: atomic { !held -> held = true; held_at = at; held_value = value }
#define IN_TIME(at) !held || held_at != (at)
#define OWN(at) (held && held_at == (at) -> held_value : m[at])
#else
#define OVERTAKEN(at, value)
#define IN_TIME(at) true
#define OWN(at) m[at]
#endif

/* table_store(): before each of them the writer may die. */
#define STORE(at, value) \
	if \
	:: atomic { IN_TIME(at) -> m[at] = value } \
	OVERTAKEN(at, value) \
	:: deaths < DEATHS -> goto died \
	fi

/* write_turn() in lbd/publish_wheels.c */
inline write_turn(slot)
{
	turn = OWN(slot + WHEEL) + 1;
	buffer = slot + BUFFER(turn);
#ifndef BUFFER_NOT_MARKED
	STORE(buffer + TURN, 0);
#endif
	STORE(buffer + SIZE, version << 3 | turn);
	STORE(buffer + STOP, version << 3 | turn);
#ifdef TURN_BEFORE_BUFFER
	STORE(slot + WHEEL, turn);
	STORE(buffer + TURN, turn)
#else
	STORE(buffer + TURN, turn);
	STORE(slot + WHEEL, turn)
#endif
}

/* publish_list_fill(), publish_list_show() in lbd/publish_list.c */
inline publish()
{
	/* table_begin() in shim/table.h */
	d_step {
		version++;
		down = false;
		next = OWN(CURRENT) + 1;
#ifdef FILLED_IN_PLACE
		slot = SLOT(0);
#else
		slot = SLOT(next);
#endif
	}
#ifndef SLOT_NOT_MARKED
	STORE(slot + GENERATION, 0);
#endif
	/* lay_out() */
	i = WHEEL;
	do
	:: i < SLOT_WORDS -> STORE(slot + i, 0); i++
	:: else -> i = 0; break
	od;
	/* write_service(), write_backend() */
	STORE(slot + SERVICE, version);
	STORE(slot + ADDR, version);
	STORE(slot + WHERE, version);
	STORE(slot + STATE, version << 1);
	write_turn(slot);
	/* table_commit() in shim/table.h */
	was[next] = version;
#ifdef CURRENT_BEFORE_GENERATION
	STORE(CURRENT, next);
	STORE(slot + GENERATION, next);
#else
	STORE(slot + GENERATION, next);
	STORE(CURRENT, next);
#endif
}

/* publish_state() in lbd/publish_state.c */
inline publish_state()
{
	down = !down;
	STORE(SLOT(OWN(CURRENT)) + STATE, version << 1 | down);
}

/* publish_wheels() in lbd/publish_state.c */
inline publish_wheels()
{
	slot = SLOT(OWN(CURRENT));
	write_turn(slot)
}

/* What it means is what there is. */
inline rests()
{
	d_step {
		slot = SLOT(m[CURRENT]);
		turn = m[slot + WHEEL];
		buffer = slot + BUFFER(turn);
		assert(m[slot + GENERATION] == m[CURRENT]);
		assert(m[slot + SERVICE] == version);
		assert(m[slot + STATE] == (version << 1 | down));
		assert(m[buffer + TURN] == turn);
		assert(m[buffer + STOP] == (version << 3 | turn));
		slot = 0; next = 0; turn = 0; buffer = 0;
	}
}

active proctype writer()
{
	byte actions, deaths, slot, next, turn, buffer, i;
	bool down;
	bool knows; /* it has published what is there */

life:
	do
	:: actions < ACTIONS ->
		actions++;
		if
		:: publish(); knows = true
		:: knows -> publish_wheels()
		:: knows -> publish_state()
		fi;
#ifndef STORES_OVERTAKE
		rests()
#endif
	:: break
	od;
	goto end;
	/*
	 * Another lbd adopts the region, with a file of its own. It knows
	 * nothing of what it finds but `current`, and publishes first of all.
	 */
died:
	atomic {
		deaths++;
		slot = 0; next = 0; turn = 0; buffer = 0; i = 0; down = false;
#ifdef ADOPTED_IS_TRUSTED
		version++;
#else
		knows = false;
#endif
	}
	goto life;
end:
	skip
}

/* One reading, in the order of lookup_backend() in shim/lookup.c. */
inline read_once()
{
	/* table_open() */
	d_step { g = m[CURRENT]; slot = SLOT(g) }
#ifdef LOADS_OVERTAKE
	checked = m[slot + GENERATION];
#endif
	/* service_at(), copy_policy(), open_backends() */
	service = m[slot + SERVICE];
	/* open_wheel() */
	d_step { turn = m[slot + WHEEL]; buffer = slot + BUFFER(turn) }
	size = m[buffer + SIZE];
	/* candidate_look() in shim/candidate.h */
	stop = m[buffer + STOP];
	where = m[slot + WHERE];
	state = m[slot + STATE];
	d_step {
		addr = m[slot + ADDR];
#ifndef TAG_NOT_CHECKED
		fits = addr == where && addr == state >> 1;
#else
		fits = true;
#endif
		/* candidate_judge() */
		assert(!fits || (addr == where && addr == state >> 1))
	}
	/* turn_wheel() */
	d_step {
		found = turn && m[buffer + TURN] == turn;
#ifdef TURN_CHECK_LEFT_OUT
		found = true;
#endif
	}
	/* table_whole() in shim/table.h */
	d_step {
#ifndef LOADS_OVERTAKE
		checked = m[slot + GENERATION];
#endif
#ifdef SLOT_CHECK_LEFT_OUT
		checked = g;
#endif
		found = found && g && checked == g
	}
}

inline accepts()
{
	d_step {
		assert(service == was[g]);
		assert(fits && addr == was[g]);
		assert(size == (was[g] << 3 | turn) && stop == size);
		assert(g > since || (g == since && turn >= turn_since))
	}
}

/* What stood in the way was written while it read. */
inline refuses()
{
	assert(m[CURRENT] >= g + SLOTS - 1 ||
		m[slot + WHEEL] >= turn + BUFFERS - 1)
}

active proctype reader()
{
	byte since, turn_since, tries, g, slot, buffer;
	byte service, turn, size, stop, where, state, addr, checked;
	bool fits, found;

	/* lbd answers who attaches once it has published, if it ever does */
end:
	d_step {
		m[CURRENT] -> since = m[CURRENT];
		turn_since = m[SLOT(since) + WHEEL]
	}
	do
	:: !found && tries < READ_TRIES ->
		tries++;
		read_once();
		if
		:: found -> accepts()
		:: else -> refuses()
		fi
	:: else -> break
	od
}
