/*
 * The reader with the slot check compiled out: what the freeze test must be
 * able to catch.
 */
#include "unchecked.h"

#define table_whole(slot, g) ((void)(slot), (void)(g), true)
#define lookup_service	     unchecked_service
#define lookup_backend	     unchecked_backend
#define lookup_superseded    unchecked_superseded
#define lookup_revoked	     unchecked_revoked
#define lookup_labels	     unchecked_labels
#include "shim/lookup.c"
