package org.adaptivesoftmax.lifecycle;

import org.jspecify.annotations.Nullable;

/**
 * How varied the texts are that a model generates, or, beside them, as many real ones.
 *
 * @param temperature at which they were drawn; null for real text, lines of the corpus chosen by chance and cut off at the same
 *     number of words
 * @param figures of the texts; null if the model ended every text at once
 */
public record GenerationFigures(@Nullable Double temperature, @Nullable TextFigures figures) {}
