/**
 * The study of what an adaptive softmax and a full one come to when both have learned all that they can. What is timed or
 * measured once is in {@code bench}.
 */
@NullMarked
package org.adaptivesoftmax.bench.convergence;

import org.jspecify.annotations.NullMarked;
