/*
 * The keys: where each may stand, who reads its value, its default. inih hands
 * over one key at a time; what line it is on, and in which section, the scan
 * knows better (inih cuts section names).
 */
#include "conf_parts.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
	IN_LBD = SECTION_LBD,
	IN_SERVICE = SECTION_SERVICE,
	IN_BOTH = SECTION_SERVICE | SECTION_DEFAULTS,
};

static const struct word logs[] = {
	{"stderr", LOG_STDERR},
	{"syslog", LOG_SYSLOG},
	{0},
};

static const struct word levels[] = {
	{"error", LEVEL_ERROR},
	{"warning", LEVEL_WARNING},
	{"info", LEVEL_INFO},
	{"debug", LEVEL_DEBUG},
	{0},
};

static const struct word protocols[] = {
	{"tcp", PROTOCOL_TCP},
	{"udp", PROTOCOL_UDP},
	{0},
};

static const struct word balances[] = {
	{"p2c", BALANCE_P2C},
	{"round-robin", BALANCE_ROUND_ROBIN},
	{"least-conn", BALANCE_LEAST_CONN},
	{"random", BALANCE_RANDOM},
	{"maglev", BALANCE_MAGLEV},
	{"first", BALANCE_FIRST},
	{0},
};

static const struct word hashed[] = {
	{"user", HASH_ON_USER},
	{"host", HASH_ON_HOST},
	{"process", HASH_ON_PROCESS},
	{0},
};

static const struct word busy[] = {{"tenth", false}, {"full", true}, {0}};
static const struct word peers[] = {{"virtual", false}, {"real", true}, {0}};
static const struct word downs[] = {{"keep", false}, {"reset", true}, {0}};

static const struct word refusals[] = {
	{"refuse", ECONNREFUSED},
	{"unreachable", EHOSTUNREACH},
	{0},
};

static const struct word off[] = {{"off", 0}, {0}};
static const struct word panic_off[] = {{"off", PANIC_OFF}, {0}};

/* Where a default depends on other keys, service_fill() says how. */
const struct key conf_keys[] = {
	[KEY_SOCKET] = {"socket", IN_LBD, .read = read_path},
	[KEY_SOCKET_MODE] = {"socket-mode", IN_LBD, .read = read_mode,
		.standard = 0666},
	[KEY_ADMIN] = {"admin", IN_LBD, .read = read_path},
	[KEY_LOG] = {"log", IN_LBD, .read = read_word, .words = logs,
		.standard = LOG_STDERR},
	[KEY_LOG_LEVEL] = {"log-level", IN_LBD, .read = read_word,
		.words = levels, .standard = LEVEL_INFO},
	[KEY_ZONE] = {"zone", IN_LBD, .read = read_zone},
	[KEY_PROTOCOL] = {"protocol", IN_BOTH, .read = read_word,
		.words = protocols, .standard = PROTOCOL_TCP},
	[KEY_BALANCE] = {"balance", IN_BOTH, .read = read_word,
		.words = balances, .standard = BALANCE_P2C},
	[KEY_HASH_ON] = {"hash-on", IN_BOTH, .read = read_word, .words = hashed,
		.standard = HASH_ON_USER},
	[KEY_PROBE] = {"probe", IN_BOTH, .read = read_probe},
	[KEY_INTERVAL] = {"interval", IN_BOTH, .read = read_duration,
		.standard = 2000},
	[KEY_TIMEOUT] = {"timeout", IN_BOTH, .read = read_duration},
	[KEY_INTERVAL_DOWN] = {"interval-down", IN_BOTH, .read = read_duration},
	[KEY_INTERVAL_CHANGE] = {"interval-change", IN_BOTH,
		.read = read_duration},
	[KEY_INTERVAL_IDLE] = {"interval-idle", IN_BOTH, .read = read_duration,
		.standard = 60000},
	[KEY_PROBE_WHEN_BUSY] = {"probe-when-busy", IN_BOTH, .read = read_word,
		.words = busy, .standard = false},
	[KEY_RISE] = {"rise", IN_BOTH, .read = read_number, .standard = 2,
		.low = 1, .high = 1000},
	[KEY_FALL] = {"fall", IN_BOTH, .read = read_number, .standard = 3,
		.low = 1, .high = 1000},
	[KEY_RETRIES] = {"retries", IN_BOTH, .read = read_number, .standard = 2,
		.low = 0, .high = TRIES_MAX - 1},
	[KEY_CONNECT_TIMEOUT] = {"connect-timeout", IN_BOTH,
		.read = read_duration, .words = off, .standard = 0},
	[KEY_EJECT_AFTER] = {"eject-after", IN_BOTH, .read = read_number,
		.standard = 5, .low = 1, .high = 1000},
	[KEY_EJECT_TIME] = {"eject-time", IN_BOTH, .read = read_duration,
		.standard = 10000},
	[KEY_PANIC] = {"panic", IN_BOTH, .read = read_percent,
		.words = panic_off, .standard = 0},
	[KEY_SLOW_START] = {"slow-start", IN_BOTH, .read = read_duration,
		.words = off, .standard = 0},
	[KEY_NO_BACKEND] = {"no-backend", IN_BOTH, .read = read_word,
		.words = refusals, .standard = ECONNREFUSED},
	[KEY_PEERNAME] = {"peername", IN_BOTH, .read = read_word,
		.words = peers, .standard = false},
	[KEY_ON_DOWN] = {"on-down", IN_BOTH, .read = read_word, .words = downs,
		.standard = false},
	[KEY_ADDRESS] = {"address", IN_SERVICE, .read = read_address},
	[KEY_NAME] = {"name", IN_SERVICE, .read = read_host},
	[KEY_BACKEND] = {"backend", IN_SERVICE, .read = read_backend},
	[KEY_PERMIT] = {"permit", IN_BOTH, .read = read_rule},
	[KEY_DENY] = {"deny", IN_BOTH, .read = read_rule},
};

static_assert(sizeof(conf_keys) / sizeof(*conf_keys) == KEYS,
	"every key has a reader");

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < KEYS; i++)
		if (*conf_keys[i].name == *name &&
			!strcmp(conf_keys[i].name, name))
			return &conf_keys[i];
	return NULL;
}

/* A blank and # look like a comment, and are none: but for a probe's text. */
static bool has_hash(const struct key *k, const char *value)
{
	bool quotes = k == &conf_keys[KEY_PROBE], quoted = false;
	char before = ' ';

	for (; *value; before = *value++) {
		if (quoted && *value == '\\' && value[1])
			value++;
		else if (quotes && *value == '"')
			quoted = !quoted;
		else if (!quoted && *value == '#' &&
			(before == ' ' || before == '\t'))
			return true;
	}
	return false;
}

static void read_key(struct draft *d, const struct key *k, const char *value)
{
	size_t id = (size_t)(k - conf_keys), errors = d->said->errors;
	struct section *s = d->open;

	if (id < KEY_ADDRESS && s->set[id])
		complain_of(d, s, k->name, d->line, "set on line %d already",
			s->set[id]);
	if (!*value)
		complain_of(d, s, k->name, d->line, "empty value");
	else if (has_hash(k, value))
		complain_of(d, s, k->name, d->line,
			"# begins no comment after a value, but ; does: %s",
			quote(value).text);
	else
		k->read(d, k, value);
	if (d->said->errors != errors)
		s->bad |= key_bit((enum key_id)id);
	if (id < KEY_ADDRESS && !s->set[id])
		s->set[id] = d->line;
}

int on_key(
	void *draft, const char *section, const char *name, const char *value)
{
	struct draft *d = draft;
	const struct key *k;

	(void)section;
	/* GCOVR_EXCL_BR_START: no more lines are read then */
	if (d->exhausted || (d->open && d->open->kind == SECTION_UNKNOWN))
		return 1;
	/* GCOVR_EXCL_BR_STOP */
	k = find_key(name);
	if (!d->open)
		complain(d, d->line, "%s: no [section] above it",
			visible((struct span){name, strlen(name)}).text);
	else if (!k || !(k->sections & d->open->kind))
		complain_of_key(d, name, k);
	else
		read_key(d, k, value);
	return 1;
}
