/**
 * The Spark engine of the command {@code count}: the same counts as {@link org.adaptivesoftmax.text.TokenCounter}'s, from a
 * cluster. Built by the profile {@code spark} alone.
 */
@NullMarked
package org.adaptivesoftmax.spark;

import org.jspecify.annotations.NullMarked;
