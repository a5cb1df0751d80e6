/*
 * Regions that no lbd would write: each word of a true one is replaced, by
 * everything that could lead a reader astray. Whatever it finds then, it reads
 * nothing outside: right before and behind the region there is no memory.
 */
#include "fixture.h"
#include "lbd/publish.h"
#include "shim/lookup.h"
#include "shim/mapping.h"
#include "shim/names.h"
#include "suites.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char configuration[] =
	"[service a]\naddress = 127.96.0.1:80\naddress = [fd00::1]:80\n"
	"name = a.internal\nprobe = none\nbalance = round-robin\n"
	"backend = 10.0.0.1:8080 name=one\nbackend = 10.0.0.2:8080 name=two\n"
	"backend = [fd01::1]:8080\n"
	"[service b]\naddress = 127.96.0.2:*\nprobe = none\nbalance = maglev\n"
	"backend = 10.0.0.3:*\nbackend = 10.0.0.4:*\n"
	"[service c]\naddress = 127.96.0.3:80\nprobe = none\nprotocol = udp\n"
	"backend = 10.0.0.5:53\n"
	"[service d]\naddress = 127.96.0.3:80\nprobe = none\n"
	"backend = 10.0.0.6:53\n";

static const char *const asked[] = {"127.96.0.1:80", "[fd00::1]:80",
	"127.96.0.2:443", "127.96.0.3:80", "127.96.0.1:81", "10.0.0.1:80"};

enum { VARIANTS = 128 };

static struct fixture f;

/* A copy between pages that nobody may touch. */
struct copy {
	char *base;
	uint64_t size;
	struct table_map map;
	const struct region *of;
};

static struct copy keys, list;

static struct copy copy_of(const struct region *region)
{
	struct copy c = {.size = region->size, .of = region};
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *at = mmap(NULL, c.size + 2 * page, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	c.base = at + page;
	ck_assert_int_eq(mprotect(c.base, c.size, PROT_READ | PROT_WRITE), 0);
	memcpy(c.base, region->base, c.size);
	ck_assert(mapping_parse(c.base, c.size, region->kind, &c.map));
	return c;
}

/* What readers are in is the last slot: nothing is behind it. */
static void open_all(void)
{
	fixture_open(&f, configuration);
	for (int i = 0; i < TABLE_SLOTS; i++) {
		uint64_t g;

		table_open(&f.lbd.keys->map, &g);
		if (g % TABLE_SLOTS == TABLE_SLOTS - 1)
			break;
		publish_list(f.lbd.world.list[0]);
		ck_assert(publish_keys(f.lbd.keys, &f.lbd.world));
	}
	keys = copy_of(f.lbd.keys);
	list = copy_of(f.lbd.world.list[0]->region);
	f.view->keys = keys.map;
	f.view->list[0].map = list.map;
	/* with 0, maglev's first entry were all that is read of a table */
	f.view->user_hash = f.view->host_hash = 0x9e3779b97f4a7c15;
}

/* All that a program could do with it. */
static void read_all(void)
{
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		for (uint64_t draw = 0; draw < 3; draw++) {
			struct addr vip = fixture_addr(asked[i]);
			struct tried tried = {0};
			struct route route = {0};
			char label[82];

			if (!lookup_may_be_virtual(f.view, &vip) ||
				lookup_service(f.view, &vip, 6, &route) !=
					FOUND_SERVICE)
				continue;
			lookup_backend(f.view, draw * 0x9e3779b97f4a7c15,
				&tried, &route);
			lookup_labels(f.view, &route, label);
			lookup_elsewhere(f.view, &route);
		}
	for (int i = 0; i < 2; i++) {
		struct name name;

		names_find(
			&f.view->keys, i ? "b.internal" : "a.internal", &name);
	}
}

/* Of what `was`: a word, and each half of one, of any size and place. */
static size_t variants(
	uint64_t was, const struct copy *c, uint64_t out[VARIANTS])
{
	const uint64_t odd[] = {0, 1, 2, 7, 8, 63, 64, 65, 255, UINT16_MAX,
		INT32_MAX, 1ULL << 31, UINT32_MAX - 1, UINT32_MAX,
		c->map.slot_size - 64, c->map.slot_size - 8, c->map.slot_size,
		c->map.slot_size + 8, c->size - 8, c->size, c->size + 8};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		out[n++] = odd[i];
		out[n++] = 0 - odd[i];
		out[n++] = (was & ~(uint64_t)UINT32_MAX) | (uint32_t)odd[i];
		out[n++] = (was & UINT32_MAX) | odd[i] << 32;
		out[n++] = odd[i] << 32 | (uint32_t)odd[i];
	}
	for (uint64_t at = 0; at < 16; at++)
		out[n++] = at << 32 | UINT32_MAX;
	out[n++] = was ^ 1ULL << 63;
	out[n++] = was + 8;
	return n;
}

/* With what stands behind, in the slot, full of `rest`. */
static void spoil_each(struct copy *c, int rest)
{
	uint64_t g, out[VARIANTS], used, *word;
	const struct table_slot *slot = table_open(&c->map, &g);
	long spoilt = 0;

	ck_assert_uint_eq(
		(uint64_t)((const char *)slot - c->base) + c->map.slot_size,
		c->size);
	word = (uint64_t *)slot;
	used = c->map.slot_size / 8;
	while (used && !word[used - 1])
		used--;
	memset(word + used, rest, c->map.slot_size - used * 8);
	for (uint64_t i = 0; i < used; i++) {
		uint64_t was = word[i];
		size_t n = variants(was, c, out);

		if (!was && i % 5) /* most of a hash is empty */
			continue;
		for (size_t j = 0; j < n; j++, spoilt++) {
			word[i] = out[j];
			read_all();
		}
		word[i] = was;
	}
	ck_assert_int_gt(spoilt, 5000);
	ck_assert_str_eq(fixture_route(&f, asked[3], 0), "shared");
}

START_TEST(no_word_of_the_keys_leads_outside)
{
	open_all();
	spoil_each(&keys, 0);
	spoil_each(&keys, 'x');
}
END_TEST

START_TEST(no_word_of_a_list_leads_outside)
{
	open_all();
	spoil_each(&list, 0);
	spoil_each(&list, 'x');
}
END_TEST

/* A header with the right sum, which is refused, or leads nowhere outside. */
static void spoil_header(struct copy *c, struct table_map *map)
{
	struct table_header true_one, *h = (void *)c->base;
	const size_t words = offsetof(struct table_header, checksum) / 8;
	uint64_t out[VARIANTS];
	long refused = 0, taken = 0;

	memcpy(&true_one, h, sizeof(true_one));
	memset(c->base + TABLE_HEADER_COPY, 0, sizeof(true_one));
	for (size_t i = 0; i < words; i++) {
		size_t n = variants(((uint64_t *)&true_one)[i], c, out);

		for (size_t j = 0; j < n; j++) {
			memcpy(h, &true_one, sizeof(*h));
			((uint64_t *)h)[i] = out[j];
			h->checksum = table_sum((uint64_t *)h, words, 0);
			if (!mapping_parse(
				    c->base, c->size, c->of->kind, map)) {
				refused++;
				continue;
			}
			taken++;
			read_all();
		}
	}
	ck_assert_int_gt(refused, 500);
	ck_assert_int_gt(taken, 50);
}

START_TEST(no_header_leads_outside)
{
	open_all();
	spoil_header(&keys, &f.view->keys);
	f.view->keys = keys.map;
	spoil_header(&list, &f.view->list[0].map);
}
END_TEST

START_TEST(a_table_full_of_others_is_searched_for_64_entries)
{
	struct table_slot *slot;
	struct table_key *key, mine = {0};
	struct addr vip;
	uint64_t g, count, home;

	open_all();
	vip = fixture_addr(asked[0]);
	slot = (struct table_slot *)table_open(&keys.map, &g);
	/* more of them than there were, all of another address and at once */
	key = (void *)(slot + 1);
	count = 1024;
	table_store(&slot->part[PART_KEYS], sizeof(*slot) << 32 | count);
	home = table_hash(vip.hi, vip.lo, vip.port, table_load(&slot->seed));
	mine.addr_hi = vip.hi;
	mine.addr_lo = vip.lo;
	mine.where = 80ULL << 48 | KEY_USED;
	for (uint64_t far = TABLE_PROBES - 1; far <= TABLE_PROBES; far++) {
		struct route route = {0};
		enum found found;

		for (uint64_t i = 0; i < count; i++) {
			key[i] = mine;
			key[i].addr_lo = 1;
		}
		key[(home + far) % count] = mine;
		found = lookup_service(f.view, &vip, 0, &route);
		if (far < TABLE_PROBES)
			ck_assert_int_ne(found, FOUND_NOTHING);
		else
			ck_assert_int_eq(found, FOUND_NOTHING);
	}
}
END_TEST

Suite *hostile_suite(void)
{
	Suite *s = suite_create("hostile");
	TCase *t = tcase_create("hostile");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, no_word_of_the_keys_leads_outside);
	tcase_add_test(t, no_word_of_a_list_leads_outside);
	tcase_add_test(t, no_header_leads_outside);
	tcase_add_test(t, a_table_full_of_others_is_searched_for_64_entries);
	suite_add_tcase(s, t);
	return s;
}
