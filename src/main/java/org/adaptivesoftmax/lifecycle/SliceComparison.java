package org.adaptivesoftmax.lifecycle;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How much better or worse a model predicts a part of the tokens than another model. Both are resampled together, line by line, so
 * that what both find hard does not widen the intervals.
 *
 * @param slice which part
 * @param tokens words and ends of lines
 * @param perplexities of the model and of the other one
 * @param perplexityRatio the model's, as a multiple of the other's: below 1 it is better
 * @param top1Difference accuracy of the model − that of the other: above 0 it is better
 * @param top5Difference the same among the five most probable classes
 * @param calibrationErrorDifference the model's − the other's: below 0 it is better
 */
public record SliceComparison(
    Slice slice,
    long tokens,
    List<Double> perplexities,
    Figure perplexityRatio,
    Figure top1Difference,
    Figure top5Difference,
    Figure calibrationErrorDifference) {
  /** Copies the list. */
  public SliceComparison {
    perplexities = List.copyOf(perplexities);
  }

  /** Of the parts that have a token. */
  static List<SliceComparison> of(TokenTally model, TokenTally other, TokenSlices slices) {
    return IntStream.range(0, slices.slices().size())
        .filter(part -> model.tokens(part) > 0)
        .mapToObj(part -> of(model, other, slices.slices().get(part), part))
        .toList();
  }

  private static SliceComparison of(TokenTally model, TokenTally other, Slice slice, int part) {
    Resampled own = model.perplexity(part);
    Resampled others = other.perplexity(part);
    return new SliceComparison(
        slice,
        model.tokens(part),
        List.of(own.value(), others.value()),
        own.with(others, (a, b) -> a / b).figure(),
        difference(model.top1(part), other.top1(part)),
        difference(model.top5(part), other.top5(part)),
        difference(model.calibrationError(part), other.calibrationError(part)));
  }

  private static Figure difference(Resampled model, Resampled other) {
    return model.with(other, (a, b) -> a - b).figure();
  }
}
