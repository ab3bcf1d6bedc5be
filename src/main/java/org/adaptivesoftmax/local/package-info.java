/**
 * A model in this process, behind the same interface as a model server: hot swap of versions, micro-batches, cache,
 * metrics. Over the network it is {@code remote}.
 */
@NullMarked
package org.adaptivesoftmax.local;

import org.jspecify.annotations.NullMarked;
