/* Addresses of backends that the program is no longer connected to. */
#ifndef SHIM_WIPE_H
#define SHIM_WIPE_H

/* Wipes them out of the memory of descriptors. Takes up to a millisecond. */
void wipe_entries(void);

#endif
