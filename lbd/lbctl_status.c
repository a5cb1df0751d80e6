/*
 * What lbd says of its services, laid out for somebody who was woken up: first
 * how many are in which state, then a line for each service and one for each
 * of its backends: who is down, since when, and why.
 */
#include "lbctl.h"
#include "lbctl_number.h"
#include "lbctl_rows.h"

#include <stdio.h>
#include <string.h>

static void measure_backends(const json_t *service, struct widths *widths)
{
	const json_t *backends = json_object_get(service, "backends");
	struct row row;

	for (size_t i = 0; i < json_array_size(backends); i++) {
		fill_backend(&row, service, json_array_get(backends, i));
		row_measure(&row, widths);
	}
}

static void print_backends(const json_t *service, const struct widths *widths)
{
	const json_t *backends = json_object_get(service, "backends");
	struct row row;

	for (size_t i = 0; i < json_array_size(backends); i++) {
		fill_backend(&row, service, json_array_get(backends, i));
		row_print(&row, widths, 2);
	}
}

static void print_state(const json_t *services, const char *state)
{
	const json_t *one = NULL;
	int64_t count = 0;
	struct cell cell;

	for (size_t i = 0; i < json_array_size(services); i++) {
		const json_t *service = json_array_get(services, i);

		if (strcmp(string_of(service, "state"), state) != 0)
			continue;
		one = service;
		count++;
	}
	if (!count)
		return;
	put_service_state(&cell, one);
	printf(", %s ", text_of_number(count).bytes);
	tone_print(cell.tone, cell.text);
}

/* ", 2 DOWN, 1 degraded": the worst first. */
static void print_states(const json_t *services)
{
	static const char *const worst_first[] = {
		"down", "panic", "empty", "backup", "degraded", "ok"};

	for (size_t i = 0; i < sizeof(worst_first) / sizeof(*worst_first); i++)
		print_state(services, worst_first[i]);
	putchar('\n');
}

static void print_head(const json_t *all, const json_t *services)
{
	struct cell config;

	cell_set(&config, TONE_PLAIN, "%s", string_of(all, "config"));
	printf("lbd %s, up %s, %s: %s", string_of(all, "version"),
		text_of_duration(number_of(all, "uptime_s")).bytes, config.text,
		text_of_count((int64_t)json_array_size(services), "services")
			.bytes);
	print_states(services);
}

/* Those with a library that lbd cannot serve. */
static void print_misfits(const json_t *misfits)
{
	size_t count = json_array_size(misfits);

	if (!count)
		return;
	printf("%s with a library of another layout than lbd's:",
		text_of_count((int64_t)count, "programs").bytes);
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(misfits, i);

		printf("%s pid %d (layout %d)", i ? "," : "",
			(int)number_of(one, "pid"),
			(int)number_of(one, "layout"));
	}
	putchar('\n');
}

/* It was written all the time, or is damaged. */
static void print_unread(const json_t *all)
{
	int64_t times = number_of(all, "unread");

	if (times)
		printf("%s found no whole table and went on without one\n",
			text_of_count(times, "connects").bytes);
}

void lbctl_print_services(const json_t *all)
{
	const json_t *services = json_object_get(all, "services");
	size_t count = json_array_size(services);
	struct widths of_services = {0}, of_backends = {0};
	struct row row;

	for (size_t i = 0; i < count; i++) {
		fill_service(&row, json_array_get(services, i));
		row_measure(&row, &of_services);
		measure_backends(json_array_get(services, i), &of_backends);
	}
	print_head(all, services);
	for (size_t i = 0; i < count; i++) {
		fill_service(&row, json_array_get(services, i));
		row_print(&row, &of_services, 0);
		print_backends(json_array_get(services, i), &of_backends);
	}
	print_misfits(json_object_get(all, "other_layouts"));
	print_unread(all);
}

static void print_list(const char *label, const json_t *list)
{
	size_t count = json_array_size(list);

	if (!count)
		return;
	printf("  %-10s", label);
	for (size_t i = 0; i < count; i++)
		printf("%s%s", i ? ", " : "",
			json_string_value(json_array_get(list, i)));
	putchar('\n');
}

static void print_counts(const json_t *s)
{
	printf("  %-10s%s, %s denied, %s, %s without a backend\n", "callers",
		text_of_count(number_of(s, "attempts"), "attempts").bytes,
		text_of_number(number_of(s, "denied")).bytes,
		text_of_count(number_of(s, "failovers"), "failovers").bytes,
		text_of_number(number_of(s, "no_backend")).bytes);
}

void lbctl_print_service(const json_t *s)
{
	struct widths widths = {0};
	struct cell state, usable;

	put_service_state(&state, s);
	put_usable(&usable, s);
	tone_print(TONE_NAME, string_of(s, "name"));
	fputs("  ", stdout);
	tone_print(state.tone, state.text);
	printf(", %s\n", usable.text);
	print_list("addresses", json_object_get(s, "addresses"));
	print_list("names", json_object_get(s, "names"));
	printf("  %-10s%s\n", "protocol", string_of(s, "protocol"));
	printf("  %-10s%s\n", "balance", string_of(s, "balance"));
	printf("  %-10s%s\n", "probe", string_of(s, "probe"));
	printf("  %-10s%s\n", "access", string_of(s, "access"));
	printf("  %-10s%s\n", "counts",
		are_counted(s) ? "by the kernel" : "estimated");
	print_counts(s);
	measure_backends(s, &widths);
	print_backends(s, &widths);
}
