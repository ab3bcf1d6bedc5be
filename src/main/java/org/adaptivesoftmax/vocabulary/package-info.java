/**
 * Text to ranks: tokenizing, counting, ordering words by frequency, encoding. Pure Java, no TensorFlow.
 *
 * <p>A {@link Corpus} delivers lines, {@link Split} divides them, {@link WordCounts} counts the words that {@link
 * Tokenizer} finds, {@link Vocabulary} ranks them, and {@link Encoder} turns lines into ranks. A {@link LabelledCorpus}
 * delivers texts with labels, {@link NGramVocabulary} ranks their {@link NGrams}, and {@link EncodedExamples} holds both
 * as numbers.
 */
@NullMarked
package org.adaptivesoftmax.vocabulary;

import org.jspecify.annotations.NullMarked;
