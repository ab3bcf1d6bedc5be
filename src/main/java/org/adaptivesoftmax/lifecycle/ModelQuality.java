package org.adaptivesoftmax.lifecycle;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How good a model is, of its own distribution over its own vocabulary.
 *
 * @param model the directory of the version
 * @param softmax {@code adaptive} or {@code full}
 * @param vocabulary number of its words
 * @param slices all tokens, by cluster and by decile of the reported model, as far as a part has tokens
 * @param reliability of all tokens
 * @param groups by group; null without groups
 * @param generation of texts that the model generates; empty unless temperatures are given
 */
public record ModelQuality(
    String model,
    String softmax,
    int vocabulary,
    List<SliceFigures> slices,
    List<ReliabilityBin> reliability,
    @Nullable GroupQuality groups,
    List<GenerationFigures> generation) {
  /** Copies the lists. */
  public ModelQuality {
    slices = List.copyOf(slices);
    reliability = List.copyOf(reliability);
    generation = List.copyOf(generation);
  }
}
