package org.adaptivesoftmax.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.inference.LineScores;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;
import org.apache.commons.statistics.descriptive.Quantile;
import org.junit.jupiter.api.Test;

class TokenTallyTest {
  private static final ClusterPlan PLAN = ClusterPlan.of(64, 6, 3, 4);
  private static final List<String> WORDS = List.of("a", "b", "c", "d", "<unk>", "</s>");

  /** Ranks 0 to 5: a 4, b 3, c and the line's end 2, d 1, the unknown word 0. */
  private static Vocabulary words() throws IOException {
    Path file = Files.createTempFile("words", ".txt");
    try {
      Files.write(file, List.of("a a a a b b b c c d", ""));
      return Vocabulary.builder().unknownShare(0).build(WordCounts.of(Corpus.ofFile(file)));
    } finally {
      Files.delete(file);
    }
  }

  private static LineScores line(long number, Random random, double offset) {
    int tokens = 1 + random.nextInt(6);
    LineScores line =
        new LineScores(
            number,
            Collections.nCopies(tokens - 1, "a"),
            new int[tokens],
            new float[tokens],
            new int[tokens],
            new float[tokens],
            new int[tokens]);
    double ofLine = random.nextGaussian();
    for (int i = 0; i < tokens; i++) {
      line.targets()[i] = random.nextInt(6);
      line.best()[i] = random.nextInt(6);
      line.logProbs()[i] = (float) -Math.abs(3 + ofLine + random.nextGaussian() + offset);
      line.confidences()[i] = random.nextFloat();
      line.places()[i] = random.nextFloat() < line.confidences()[i] * 0.7 ? 0 : random.nextInt(6);
    }
    return line;
  }

  private static TokenTally tally(List<LineScores> lines, int replicates, long seed)
      throws IOException {
    TokenTally tally =
        new TokenTally(TokenSlices.byWord(words(), PLAN), new LineWeights(replicates, seed), PLAN);
    lines.forEach(tally::add);
    return tally;
  }

  private static List<LineScores> lines(int count, long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, count).mapToObj(i -> line(i, random, 0)).toList();
  }

  @Test
  void figuresAreThoseOfTheNaiveForm() throws IOException {
    List<LineScores> lines = lines(50, 3);
    TokenTally tally = tally(lines, 100, 0);
    double tokens = 0;
    double nats = 0;
    double best = 0;
    double top = 0;
    double head = 0;
    double calibration = 0;
    for (int bin = 0; bin < 15; bin++) {
      double inBin = 0;
      double hits = 0;
      double confidence = 0;
      for (LineScores line : lines) {
        for (int i = 0; i < line.tokens(); i++) {
          float sure = line.confidences()[i];
          if (sure > bin / 15.0 && sure <= (bin + 1) / 15.0) {
            inBin++;
            hits += line.places()[i] == 0 ? 1 : 0;
            confidence += sure;
            nats -= line.logProbs()[i];
            top += line.places()[i] < 5 ? 1 : 0;
            head += line.best()[i] < 3 ? 1 : 0;
          }
        }
      }
      tokens += inBin;
      best += hits;
      calibration += inBin == 0 ? 0 : inBin * Math.abs(hits / inBin - confidence / inBin);
    }
    assertThat(tally.tokens(0)).isEqualTo((long) tokens);
    assertThat(tally.lines(0)).isEqualTo(50);
    assertThat(tally.perplexity(0).value()).isCloseTo(Math.exp(nats / tokens), within(1e-9));
    assertThat(tally.top1(0).value()).isEqualTo(best / tokens);
    assertThat(tally.top5(0).value()).isEqualTo(top / tokens);
    assertThat(tally.headAnswers(0).value()).isEqualTo(head / tokens);
    assertThat(tally.calibrationError(0).value()).isCloseTo(calibration / tokens, within(1e-9));
    assertThat(tally.clusterShares(0).stream().mapToDouble(Resampled::value).sum())
        .isCloseTo(1, within(1e-12));
    assertThat(tally.reliability().stream().mapToLong(ReliabilityBin::tokens).sum())
        .isEqualTo((long) tokens);
  }

  @Test
  void eachReplicateIsTheTextWithItsWeights() throws IOException {
    List<LineScores> lines = lines(30, 4);
    List<LineScores> shuffled = new ArrayList<>(lines);
    Collections.shuffle(shuffled, new Random(1));
    LineWeights weights = new LineWeights(100, 9);
    double[] nats = new double[101];
    double[] tokens = new double[101];
    for (LineScores line : lines) {
      double[] weight = weights.of(line.line());
      for (int i = 0; i <= 100; i++) {
        tokens[i] += weight[i] * line.tokens();
        for (float logProb : line.logProbs()) {
          nats[i] -= weight[i] * logProb;
        }
      }
    }
    double[] losses = new double[100];
    Arrays.setAll(losses, i -> nats[i + 1] / tokens[i + 1]);
    Figure loss = tally(shuffled, 100, 9).loss(0).figure();
    double[] expected =
        Quantile.withDefaults().with(Quantile.EstimationMethod.HF7).evaluate(losses, 0.025, 0.975);
    assertThat(loss.low()).isCloseTo(expected[0], within(1e-9));
    assertThat(loss.high()).isCloseTo(expected[1], within(1e-9));
  }

  @Test
  void weightsArePoisson() {
    double[] counts = new double[5];
    double sum = 0;
    for (long line = 0; line < 200; line++) {
      for (double weight : Arrays.copyOfRange(new LineWeights(1000, 7).of(line), 1, 1001)) {
        counts[(int) Math.min(4, weight)]++;
        sum += weight;
      }
    }
    // Of 200,000, within five standard errors.
    assertThat(sum / 200_000).isCloseTo(1, within(5 / Math.sqrt(200_000)));
    assertThat(counts[0] / 200_000).isCloseTo(Math.exp(-1), within(0.0055));
    assertThat(counts[2] / 200_000).isCloseTo(Math.exp(-1) / 2, within(0.0045));
  }

  /** Words of a line share most of their loss: resampled one by one, they would have an interval half as wide. */
  @Test
  void intervalsCoverTheTruthThoughTokensOfALineDepend() throws IOException {
    TokenTally large = tally(lines(100_000, 99), 1, 0);
    double loss = large.loss(0).value();
    double accuracy = large.top1(0).value();
    double calibration = large.calibrationError(0).value();
    int[] covered = new int[3];
    for (int sample = 0; sample < 200; sample++) {
      TokenTally tally = tally(lines(150, 1000 + sample), 200, sample);
      covered[0] += covers(tally.loss(0).figure(), loss);
      covered[1] += covers(tally.top1(0).figure(), accuracy);
      covered[2] += covers(tally.calibrationError(0).mirrored(), calibration);
    }
    // 95 in 100 of 200 is 190; three standard deviations are 9.
    assertThat(covered[0]).isBetween(179, 199);
    assertThat(covered[1]).isBetween(179, 199);
    assertThat(covered[2]).isGreaterThan(160);
  }

  private static int covers(Figure figure, double truth) {
    return figure.low() <= truth && truth <= figure.high() ? 1 : 0;
  }

  @Test
  void decilesDivideTheTokens() {
    // 10 words of a tenth each, then words without a count.
    assertThat(TokenSlices.deciles(new long[] {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0}))
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9);
    // The first word has half of all: the middle of its tokens is in the third tenth.
    assertThat(TokenSlices.deciles(new long[] {50, 30, 10, 10})).containsExactly(2, 6, 8, 9);
  }

  @Test
  void everyTokenIsInItsParts() throws IOException {
    Vocabulary words = words();
    assertThat(words.words()).containsExactlyInAnyOrderElementsOf(WORDS);
    TokenSlices slices = TokenSlices.byWord(words, PLAN);
    assertThat(slices.slices()).hasSize(14);
    LineScores line =
        new LineScores(
            0,
            List.of("a", "nobody"),
            new int[] {0, words.unknownRank(), LineScores.OTHER},
            new float[3],
            new int[3],
            new float[3],
            new int[3]);
    int[] parts = new int[4];
    assertThat(slices.of(line, 0, parts)).isEqualTo(3);
    assertThat(slices.slices().get(parts[1])).isEqualTo(new Slice(Slice.Kind.CLUSTER, "0"));
    // Four of eleven tokens: the middle is in the second tenth.
    assertThat(slices.slices().get(parts[2])).isEqualTo(new Slice(Slice.Kind.DECILE, "2"));
    assertThat(slices.of(line, 1, parts)).isEqualTo(3);
    assertThat(slices.slices().get(parts[1])).isEqualTo(new Slice(Slice.Kind.CLUSTER, "2"));
    assertThat(slices.of(line, 2, parts)).isOne();
  }

  @Test
  void binsAreOpenBelow() {
    assertThat(TokenTally.bin(0)).isZero();
    assertThat(TokenTally.bin(0.2f)).isEqualTo(3);
    assertThat(TokenTally.bin(1)).isEqualTo(14);
  }

  private static final LineGroups GROUPS =
      new LineGroups(
          List.of("x", "y", "z", "u"), IntStream.range(0, 400).map(i -> i % 4).toArray());

  private static List<GroupDifference> groups(long seed, double worse) throws IOException {
    TokenSlices slices = TokenSlices.byGroup(words(), PLAN, GROUPS);
    LineWeights weights = new LineWeights(200, seed);
    TokenTally model = new TokenTally(slices, weights, PLAN);
    TokenTally other = new TokenTally(slices, weights, PLAN);
    for (int i = 0; i < 400; i++) {
      // The same text for both, whose losses differ by chance.
      Random text = new Random(seed * 1000 + i);
      LineScores line = line(i, text, 0);
      model.add(shifted(line, new Random(seed * 777 + i), i % 4 == 1 ? worse : 0));
      other.add(shifted(line, new Random(seed * 999 + i), 0));
    }
    return GroupDifference.of(model, other, GROUPS);
  }

  private static LineScores shifted(LineScores line, Random random, double more) {
    float[] logProbs = line.logProbs().clone();
    for (int i = 0; i < logProbs.length; i++) {
      logProbs[i] -= (float) (0.3 * random.nextGaussian() + more);
    }
    return new LineScores(
        line.line(),
        line.words(),
        line.targets(),
        logProbs,
        line.best(),
        line.confidences(),
        line.places());
  }

  @Test
  void groupsThatAreTreatedAlikeRaiseNoAlarm() throws IOException {
    int alarms = 0;
    for (int sample = 0; sample < 100; sample++) {
      alarms += groups(sample, 0).stream().anyMatch(GroupDifference::warning) ? 1 : 0;
    }
    // 5 in 100 of any group; three standard deviations more are 11.
    assertThat(alarms).isLessThanOrEqualTo(12);
  }

  @Test
  void aGroupThatIsWorseOffIsWarnedOf() throws IOException {
    List<GroupDifference> groups = groups(5, 0.3);
    assertThat(groups).hasSize(4);
    GroupDifference worse = groups.get(1);
    assertThat(worse.group()).isEqualTo("y");
    assertThat(worse.warning()).isTrue();
    assertThat(worse.ratio().low()).isGreaterThan(1);
    assertThat(worse.ratio().value())
        .isCloseTo(worse.lossRatio() / worse.lossRatioAgainst(), within(1e-12));
  }

  @Test
  void pValuesAreCorrectedByHolm() {
    List<GroupDifference> tested = new ArrayList<>();
    for (double p : new double[] {0.01, 0.04, 0.03, 0.005}) {
      tested.add(new GroupDifference("g" + p, 1, 1, new Figure(1, 1, 1), p, p, false));
    }
    List<GroupDifference> adjusted = GroupDifference.adjusted(tested);
    // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
    double[] expected = {0.03, 0.06, 0.06, 0.02};
    for (int i = 0; i < expected.length; i++) {
      assertThat(adjusted.get(i).adjustedP()).isCloseTo(expected[i], within(1e-12));
      assertThat(adjusted.get(i).warning()).isEqualTo(expected[i] < 0.05);
    }
  }
}
