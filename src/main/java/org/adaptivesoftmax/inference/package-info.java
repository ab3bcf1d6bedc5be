/**
 * Answers of a saved language model in this process: next words, scores, sampled continuations, beam search. A
 * server's clients are in {@code client}, models that are swapped while they answer in {@code local}.
 */
@NullMarked
package org.adaptivesoftmax.inference;

import org.jspecify.annotations.NullMarked;
