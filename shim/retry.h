/* When lbd may be asked again, after it was or was not to be had. */
#ifndef SHIM_RETRY_H
#define SHIM_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* What became of asking; `late`: lbd was there, and gave no answer in time. */
void retry_note(bool got, bool late);

/* The last time nothing was got. */
bool retry_is_paused(void);
uint64_t retry_next_ms(void);

/* One thread at a time, and not before the pause is over. */
bool retry_my_turn(uint64_t now);

/* The same for calls that are refused until lbd has answered, and so ask
 * oftener: after a failure they hold back for a second at most. */
void retry_hold(void);
bool retry_is_held(uint64_t now);

#endif
