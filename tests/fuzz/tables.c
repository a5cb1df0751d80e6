/*
 * Small, and all kinds of things are in them: every algorithm, both families,
 * every port, tcp beside udp, lists with rules, limits, labels, names. Without
 * probes: nothing leaves this process.
 */
#include "tables.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char every_algorithm[] = "[defaults]\n"
				      "probe = none\n"
				      "[service rr]\n"
				      "address = 127.96.0.1:80\n"
				      "balance = round-robin\n"
				      "name = rr.internal\n"
				      "backend = 10.0.0.1:80 weight=3\n"
				      "backend = 10.0.0.2:80\n"
				      "backend = 10.0.0.3:80 weight=256\n"
				      "[service random]\n"
				      "address = 127.96.0.2:80\n"
				      "balance = random\n"
				      "backend = 10.0.0.1:80 name=web1\n"
				      "backend = 10.0.0.2:80 name=web2\n"
				      "[service first]\n"
				      "address = 127.96.0.3:80\n"
				      "balance = first\n"
				      "retries = 15\n"
				      "backend = 10.0.0.1:80\n"
				      "backend = 10.0.0.2:80 backup\n"
				      "[service p2c]\n"
				      "address = 127.96.0.4:80\n"
				      "balance = p2c\n"
				      "backend = 10.0.0.1:80\n"
				      "backend = 10.0.0.2:80\n"
				      "backend = 10.0.0.3:80\n"
				      "backend = 10.0.0.4:80\n"
				      "backend = 10.0.0.5:80 weight=7\n"
				      "backend = 10.0.0.6:80\n"
				      "[service least]\n"
				      "address = 127.96.0.5:80\n"
				      "balance = least-conn\n"
				      "connect-timeout = 1s\n"
				      "backend = 10.0.0.1:80 max-conns=5\n"
				      "backend = 10.0.0.2:80\n"
				      "[service maglev]\n"
				      "address = 127.96.0.6:80\n"
				      "balance = maglev\n"
				      "hash-on = process\n"
				      "name = maglev.internal\n"
				      "backend = 10.0.0.1:80\n"
				      "backend = 10.0.0.2:80\n"
				      "backend = 10.0.0.3:80 weight=2\n";

static const char both_families[] = "[defaults]\n"
				    "probe = none\n"
				    "[service t]\n"
				    "address = 127.96.0.1:53\n"
				    "backend = 10.0.0.1:53\n"
				    "[service u]\n"
				    "address = 127.96.0.1:53\n"
				    "protocol = udp\n"
				    "backend = 10.0.0.2:53\n"
				    "[service every-port]\n"
				    "address = 127.96.0.2:*\n"
				    "backend = 10.0.0.3:*\n"
				    "[service one-port]\n"
				    "address = 127.96.0.2:80\n"
				    "backend = 10.0.0.4:80\n"
				    "[service both]\n"
				    "address = 127.96.0.3:80\n"
				    "address = [fd00::1]:80\n"
				    "address = 127.96.0.4:81\n"
				    "name = both.internal\n"
				    "name = other\n"
				    "peername = real\n"
				    "backend = 10.0.0.5:80\n"
				    "backend = [fd00:1::1]:80\n"
				    "backend = [fd00:1::2]:80\n";

static const char under_rules[] = "[defaults]\n"
				  "probe = none\n"
				  "[service open]\n"
				  "address = 127.96.0.1:80\n"
				  "backend = 10.0.0.1:80\n"
				  "[service mine]\n"
				  "address = 127.96.0.2:80\n"
				  "permit = user 1\n"
				  "backend = 10.0.0.2:80\n"
				  "backend = 10.0.0.3:80\n"
				  "[service ours]\n"
				  "address = 127.96.0.3:80\n"
				  "permit = group 1\n"
				  "name = ours.internal\n"
				  "backend = 10.0.0.4:80\n"
				  "[service empty]\n"
				  "address = 127.96.0.4:80\n"
				  "no-backend = unreachable\n";

static const char one_service[] = "[defaults]\n"
				  "probe = none\n"
				  "[service api]\n"
				  "address = 127.96.0.1:80\n"
				  "name = api\n"
				  "backend = 10.0.0.1:80\n";

static const char gone[] = "[service gone]\n"
			   "address = 127.96.0.9:80\n"
			   "backend = 10.0.9.1:80\n";

static const char comes[] = "[service comes]\n"
			    "address = 127.96.0.8:80\n"
			    "backend = 10.0.8.1:80\n";

const struct table_text tables[TABLES] = {
	{every_algorithm, gone, comes,
		{"127.96.0.1:80", "127.96.0.2:80", "127.96.0.3:80",
			"127.96.0.4:80", "127.96.0.5:80", "127.96.0.6:80",
			"127.96.0.8:80", "127.96.0.9:80", "127.96.0.10:80"},
		{"rr.internal", "Maglev.Internal.", "nobody"}},
	{both_families, gone, comes,
		{"127.96.0.1:53", "127.96.0.2:80", "127.96.0.2:81",
			"127.96.0.3:80", "[fd00::1]:80", "127.96.0.4:81",
			"127.96.0.4:80", "[fd00::2]:80"},
		{"both.internal", "other", "both"}},
	{under_rules, gone, comes,
		{"127.96.0.1:80", "127.96.0.2:80", "127.96.0.3:80",
			"127.96.0.4:80", "127.96.0.5:80"},
		{"ours.internal", "ours"}},
	{one_service, "", "", {"127.96.0.1:80", "127.96.0.1:81"}, {"api"}},
	{"", "", "",
		{"127.96.1.1:80", "127.96.1.2:80", "127.96.1.3:80",
			"127.96.1.4:80", "127.96.1.5:80", "127.96.1.6:80",
			"127.96.1.7:80", "127.96.1.8:80", "127.96.2.1:80"},
		{"name1", "name2", "name40"}},
};

void tables_many(char text[TABLE_TEXT_MOST])
{
	char *at = stpcpy(text, "[defaults]\nprobe = none\n[service a]\n");

	for (int i = 1; i <= 40; i++)
		at += sprintf(at, "address = 127.96.1.%d:80\n", i);
	at = stpcpy(at, "backend = 10.0.0.1:80\n[service n]\n");
	for (int i = 1; i <= 60; i++)
		at += sprintf(at, "name = name%d\n", i);
	stpcpy(at, "address = 127.96.2.1:80\nbackend = 10.0.0.2:80\n");
}
