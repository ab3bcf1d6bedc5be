package org.adaptivesoftmax.lifecycle;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How well a model predicts a part of the tokens. Intervals are of 95 in 100, by the Poisson bootstrap of whole lines.
 *
 * @param slice which part
 * @param tokens words and ends of lines
 * @param lines that have such a token
 * @param perplexity exp(−Σ log p / tokens)
 * @param top1Accuracy share of tokens that are the most probable class
 * @param top5Accuracy share of tokens among the five most probable classes
 * @param calibrationError expected calibration error in {@value TokenTally#BINS} equal bins of the best class's probability
 *     (Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017): Σ over the bins of tokens in
 *     the bin / tokens · |accuracy − mean confidence|
 */
public record SliceFigures(
    Slice slice,
    long tokens,
    long lines,
    Figure perplexity,
    Figure top1Accuracy,
    Figure top5Accuracy,
    Figure calibrationError) {
  /** Of the parts that have a token. */
  static List<SliceFigures> of(TokenTally tally, TokenSlices slices) {
    return IntStream.range(0, slices.slices().size())
        .filter(part -> tally.tokens(part) > 0)
        .mapToObj(
            part ->
                new SliceFigures(
                    slices.slices().get(part),
                    tally.tokens(part),
                    tally.lines(part),
                    tally.perplexity(part).figure(),
                    tally.top1(part).figure(),
                    tally.top5(part).figure(),
                    tally.calibrationError(part).mirrored()))
        .toList();
  }
}
