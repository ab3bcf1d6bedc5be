/**
 * Version directories of SavedModels, written and read: atomic publishing, assets, warm-up requests, fingerprint,
 * provenance, checks. What a model's signatures compute is in {@code export}.
 */
@NullMarked
package org.adaptivesoftmax.savedmodel;

import org.jspecify.annotations.NullMarked;
