/**
 * The adaptive embedding, whose clusters are an adaptive softmax's, and sharing weights between the two. Embeddings
 * that know no clusters are in {@code model}.
 */
@NullMarked
package org.adaptivesoftmax.embedding;

import org.jspecify.annotations.NullMarked;
