package org.adaptivesoftmax.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.adaptivesoftmax.lifecycle.DriftAdvice.Action;
import org.adaptivesoftmax.lifecycle.DriftReport.FalseAlarms;
import org.adaptivesoftmax.lifecycle.DriftReport.Live;
import org.adaptivesoftmax.text.Vocabulary;

/**
 * What drift says of WordNet's definitions to a model of the nouns', and how often it raises an alarm over the model's own counts.
 *
 * @param samples of each size that are drawn from the model's own counts
 */
public record DriftBench(int samples) {
  private static final List<Integer> SIZES = List.of(50, 200, 1_000, 5_000, 20_000);

  /** Measures. */
  public DriftReport run() throws IOException {
    List<String> nouns = shuffled("noun", 1);
    List<String> verbs = shuffled("verb", 2);
    List<String> all = shuffled("", 3);
    Vocabulary words = Vocabulary.of(Samples.count(nouns));
    List<Live> live =
        List.of(
            of("20 definitions of nouns", words, nouns.subList(0, 20)),
            of("1,000 of all kinds", words, all.subList(0, 1_000)),
            of("20 of verbs", words, verbs.subList(0, 20)),
            of("all %,d of verbs".formatted(verbs.size()), words, verbs));
    List<FalseAlarms> alarms = new ArrayList<>();
    for (int size : SIZES) {
      alarms.add(alarms(words, size));
    }
    return new DriftReport(words.size(), Samples.plan(words).cutoffs(), live, alarms);
  }

  private static List<String> shuffled(String partOfSpeech, long seed) throws IOException {
    List<String> lines = Samples.definitions(partOfSpeech);
    Collections.shuffle(lines, new Random(seed));
    return lines;
  }

  private static Live of(String text, Vocabulary words, List<String> lines) {
    Drift drift =
        Drift.of(
            DriftCounts.of(Samples.plan(words), words, Samples.count(lines), 0), Samples.COSTS);
    return new Live(
        text,
        drift.jsDivergence(),
        drift.linf(),
        drift.unknownNow(),
        drift.migrations().up(),
        drift.advice(DriftThresholds.DEFAULT).action());
  }

  private FalseAlarms alarms(Vocabulary words, int tokens) {
    long[] then = words.counts();
    then[words.boundaryRank()] = 0;
    Random random = new Random(tokens);
    int alarms = 0;
    for (int sample = 0; sample < samples; sample++) {
      DriftCounts counts =
          DriftCounts.builder(Samples.plan(words), then, Samples.draw(then, tokens, random))
              .unknownRank(words.unknownRank())
              .pinnedRank(words.boundaryRank())
              .build();
      Action action = Drift.of(counts, Samples.COSTS).advice(DriftThresholds.DEFAULT).action();
      alarms += action == Action.KEEP ? 0 : 1;
    }
    return new FalseAlarms(tokens, samples, alarms);
  }
}
