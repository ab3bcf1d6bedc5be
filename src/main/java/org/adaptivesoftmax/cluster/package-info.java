/**
 * How classes are divided: label order, cluster plans, what a plan costs, and the choice of cutoffs. No TensorFlow:
 * weights and ops are elsewhere.
 */
@NullMarked
package org.adaptivesoftmax.cluster;

import org.jspecify.annotations.NullMarked;
