/**
 * The life of a model's vocabulary: drift between the counts that it was built on and today's, re-bucketing onto new counts,
 * comparison of versions. Counting itself is in {@code text}, choosing cutoffs in {@code cluster}.
 */
@NullMarked
package org.adaptivesoftmax.lifecycle;

import org.jspecify.annotations.NullMarked;
