/**
 * Training on several processes of TensorFlow's own distributed runtime: the cluster, this process's place in it, and the
 * processes of a whole cluster on one machine. What the processes compute is in {@code training}.
 */
@NullMarked
package org.adaptivesoftmax.distributed;

import org.jspecify.annotations.NullMarked;
