/*
 * The wheel: from health, tiers, zones and weights to stops. Who is on it is decided
 * here and nowhere else; callers only decide where it stops.
 */
#include "wheel.h"
#include "conf.h"

enum tier { TIER_USABLE, TIER_BACKUP, TIER_ALL_PRIMARY, TIER_ALL };

static bool on_tier(const struct wheel_item *item, enum tier tier)
{
	switch (tier) {
	case TIER_USABLE:
		return item->usable && !item->backup;
	case TIER_BACKUP:
		return item->usable && item->backup;
	case TIER_ALL_PRIMARY:
		return item->willing && !item->backup;
	default:
		return item->willing;
	}
}

static size_t count(const struct wheel_item *item, size_t items, enum tier tier)
{
	size_t n = 0;

	for (size_t i = 0; i < items; i++)
		n += on_tier(&item[i], tier);
	return n;
}

/* A share of nothing usable is not panic's while backups can help. */
static enum tier choose_tier(
	const struct wheel_item *item, size_t items, int panic)
{
	size_t usable = count(item, items, TIER_USABLE);
	size_t primary = count(item, items, TIER_ALL_PRIMARY);

	if (usable)
		return panic != PANIC_OFF && usable < primary &&
				usable * 100 <= primary * (size_t)panic
			? TIER_ALL_PRIMARY
			: TIER_USABLE;
	if (panic == PANIC_OFF || count(item, items, TIER_BACKUP))
		return TIER_BACKUP;
	return TIER_ALL;
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
	while (b) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

uint32_t wheel_step(uint32_t total)
{
	uint32_t near = (uint32_t)((uint64_t)total * 618 / 1000);

	/* GCOVR_EXCL_BR_START: a step is found sooner */
	for (uint32_t off = 0; total > 2 && off < total; off++) {
		if (near + off < total && gcd(near + off, total) == 1)
			return near + off;
		if (off < near && gcd(near - off, total) == 1)
			return near - off;
	}
	/* GCOVR_EXCL_BR_STOP */
	return 1;
}

/* What weights are multiplied with; 0 = not on the wheel. */
struct factors {
	double local, others;
};

static const struct factors no_zones = {1, 1};

/* Who stands on the wheel: a tier, or two beside each other. */
struct draft {
	enum tier tier;
	bool backups_beside;
	struct factors factors[2]; /* [1]: of backups */
};

/* Sums of weights, of local backends and of the others. */
struct sums {
	double willing, able; /* local: all, and those that can take more */
	double local, others; /* as on the wheel, without zones */
};

static struct sums add_up(
	const struct wheel_item *item, size_t items, enum tier tier)
{
	struct sums sum = {0};

	for (size_t i = 0; i < items; i++) {
		const struct wheel_item *it = &item[i];
		double real = it->weight * it->share;

		if (it->local && it->willing &&
			it->backup == (tier == TIER_BACKUP))
			sum.willing += it->weight;
		if (!on_tier(it, tier))
			continue;
		if (it->local && !it->full)
			sum.able += it->weight;
		*(it->local ? &sum.local : &sum.others) += real;
	}
	return sum;
}

/* A full local backend can take no more than a dead one. */
static struct factors weigh_zones(
	const struct wheel_item *item, size_t items, enum tier tier)
{
	static const double headroom = 1.4;
	struct sums sum = add_up(item, items, tier);
	double all = sum.local + sum.others, share;

	if (!sum.willing)
		return no_zones;
	share = headroom * sum.able / sum.willing;
	if (!sum.others || share >= 1)
		return (struct factors){.local = 1};
	if (!sum.able)
		return (struct factors){.others = 1};
	return (struct factors){
		share * all / sum.local, (1 - share) * all / sum.others};
}

static bool are_all_full(const struct wheel_item *item, size_t items)
{
	for (size_t i = 0; i < items; i++)
		if (on_tier(&item[i], TIER_USABLE) && !item[i].full)
			return false;
	return true;
}

static struct draft draw_up(
	const struct wheel_item *item, size_t items, int panic)
{
	struct draft d = {
		.tier = choose_tier(item, items, panic),
		.factors = {no_zones, no_zones},
	};

	if (d.tier == TIER_ALL || d.tier == TIER_ALL_PRIMARY)
		return d;
	d.backups_beside = d.tier == TIER_USABLE && are_all_full(item, items);
	if (!d.backups_beside) /* else whoever has room first is welcome */
		d.factors[0] = weigh_zones(item, items, TIER_USABLE);
	d.factors[1] = weigh_zones(item, items, TIER_BACKUP);
	return d;
}

static double real_weight(const struct draft *d, const struct wheel_item *item)
{
	const struct factors *f = &d->factors[item->backup];

	if (!on_tier(item, d->tier) &&
		!(d->backups_beside && on_tier(item, TIER_BACKUP)))
		return 0;
	return item->weight * item->share *
		(item->local ? f->local : f->others);
}

/*
 * What turns weights into whole numbers. 1 where they are, as given; else the
 * least becomes `fine`, half of one being a quarter of a percent of it, or as
 * much as 31 bits leave.
 */
static double find_scale(
	const struct draft *d, const struct wheel_item *item, size_t items)
{
	static const double fine = 200;
	double total = 0, least = 0, most = (double)(INT32_MAX - items);
	bool whole = true;

	for (size_t i = 0; i < items; i++) {
		double real = real_weight(d, &item[i]);

		if (!real)
			continue;
		whole = whole && real == item[i].weight;
		total += real;
		if (!least || real < least)
			least = real;
	}
	if (whole)
		return 1;
	return fine / least * total < most ? fine / least : most / total;
}

void wheel_make(struct wheel_plan *plan, const struct wheel_item *item,
	size_t items, int panic)
{
	struct draft d = draw_up(item, items, panic);
	double scale = find_scale(&d, item, items);

	plan->stops = 0;
	plan->total = 0;
	for (size_t i = 0; i < items; i++) {
		double wide = real_weight(&d, &item[i]) * scale;

		if (!wide)
			continue;
		plan->total += wide < 1 ? 1 : (uint32_t)(wide + 0.5);
		plan->stop[plan->stops++] =
			(uint64_t)plan->total << 32 | item[i].ordinal;
	}
	plan->step = wheel_step(plan->total);
	plan->panic = plan->stops &&
		(d.tier == TIER_ALL || d.tier == TIER_ALL_PRIMARY);
}
