/**
 * The measurements behind the command {@code bench}: contenders in processes of their own, timed in turn on the same batch
 * and the same number of threads.
 */
@NullMarked
package org.adaptivesoftmax.cli.bench;

import org.jspecify.annotations.NullMarked;
