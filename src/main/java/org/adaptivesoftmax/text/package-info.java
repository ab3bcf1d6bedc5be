/**
 * Corpora, counting, ordering, encoding and tokenizing of text and labels. No TensorFlow: the same steps inside a
 * graph are in {@code export}.
 */
@NullMarked
package org.adaptivesoftmax.text;

import org.jspecify.annotations.NullMarked;
