/* Names of services and backends in a list region, for log lines. */
#ifndef LBD_PUBLISH_LABELS_H
#define LBD_PUBLISH_LABELS_H

#include "lbd.h"

/* What the labels of a service take. */
uint64_t publish_label_size(const struct service *s); /* bytes */
uint64_t publish_label_words(const struct service *s);

/* Gets the memory that writing this world's labels takes, false if short. */
bool publish_labels_reserve(const struct world *world);

void publish_labels(_Atomic uint64_t *to, const struct service *s);

void publish_labels_end(void);

#endif
