package org.adaptivesoftmax.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.inference.SavedLanguageModel;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.savedmodel.Ancestor;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.PublishedVersion;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.EncodedCorpus;
import org.adaptivesoftmax.text.Encoder;
import org.adaptivesoftmax.text.Split;
import org.adaptivesoftmax.text.TokenCounter;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;
import org.adaptivesoftmax.training.AdamMoments;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.LanguageModelTrainer.Learning;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.adaptivesoftmax.training.TrainingListener;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models that were trained on one text, and renewed for another one. */
@Tag("slow")
class RebucketingTest {
  private static final int WORDS = 400;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  static Path shared;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  private static Corpus oldText;
  private static Corpus newText;
  private static final Map<Softmax, PublishedLanguageModel> TRAINED = new EnumMap<>(Softmax.class);

  /**
   * Sentences of two words in a fixed relation, so that there is something to learn: the second follows from the first. In the
   * new text other words are frequent, and a quarter of them are new.
   */
  @BeforeAll
  static void train() throws Exception {
    oldText = Corpus.ofFile(Files.write(shared.resolve("old.txt"), sentences(1, 0)));
    newText = Corpus.ofFile(Files.write(shared.resolve("new.txt"), sentences(2, WORDS / 4)));
    for (Softmax softmax : Softmax.values()) {
      ModelDirectory model = train(Files.createDirectory(shared.resolve(softmax.name())), softmax);
      TRAINED.put(softmax, PublishedLanguageModel.read(model.highestVersion()));
    }
  }

  private static List<String> sentences(long seed, int shift) {
    Random random = new Random(seed);
    List<String> lines = new ArrayList<>();
    for (int line = 0; line < 6_000; line++) {
      int word = shift + (int) (WORDS * Math.pow(random.nextDouble(), 3));
      lines.add(
          "line %d the w%d sees a w%d".formatted(line % 50, word, (7 * word + 3) % (WORDS + 100)));
    }
    return lines;
  }

  private static ModelDirectory train(Path place, Softmax softmax)
      throws IOException, InterruptedException {
    Vocabulary words = Vocabulary.of(WordCounts.of(oldText, Split.TRAIN));
    LanguageModelConfiguration model =
        LanguageModelConfiguration.builder()
            .softmax(softmax)
            .vocabulary(words.size())
            .cutoffs(List.of(20, 120))
            .divValue(2)
            .embedding(24)
            .hidden(32)
            .seed(3)
            .build();
    EncodedCorpus text = EncodedCorpus.of(oldText, words);
    LanguageModelText learned =
        new LanguageModelText(
            text.ranks(Split.TRAIN), text.ranks(Split.VALIDATION), words.boundaryRank());
    TrainingConfiguration training =
        TrainingConfiguration.builder().batch(8).steps(10).epochs(3).learningRate(1e-2).build();
    ModelDirectory directory = new ModelDirectory(place.resolve("model"));
    Path weights = place.resolve("weights");
    try (LanguageModelTrainer trainer = new LanguageModelTrainer(model, training, learned)) {
      trainer.train(Optional.empty(), TrainingListener.SILENT);
      trainer.save(weights);
    }
    LanguageModelExporter.builder(model, words).build().publish(directory, weights);
    return directory;
  }

  private CountsDirectory counts(Corpus text) throws IOException {
    return TokenCounter.builder()
        .build()
        .count(text.part(Split.TRAIN), directory.resolve("counts-" + text.hashCode()));
  }

  private static PublishedLanguageModel trained(Softmax softmax) {
    return Objects.requireNonNull(TRAINED.get(softmax));
  }

  private ModelDirectory out() {
    return new ModelDirectory(directory.resolve("out"));
  }

  /** With its own counts nothing moves, and nothing changes. */
  @ParameterizedTest
  @EnumSource
  void withItsOwnCountsAModelStaysAsItIs(Softmax softmax) throws Exception {
    PublishedLanguageModel before = trained(softmax);
    Vocabulary words = before.vocabulary();
    ModelWeights older = ModelWeights.read(before.weights(), before.configuration());
    ModelWeights newer =
        new WeightTransfer(older, words, words).to(before.configuration(), oldText);
    assertThat(newer.embedding()).isEqualTo(older.embedding());
    for (String name : older.outputNames()) {
      float[] expected = older.output(name);
      float[] actual = newer.output(name);
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).as(name + " at " + i).isCloseTo(expected[i], within(2e-4f));
      }
    }
  }

  /**
   * The most frequent words of tail cluster 1 change places with those of the shortlist. Tail cluster 2, whose words are the same,
   * keeps its rows and its projection to the bit, and so every log-probability within it; and the model is the same but for what a
   * linear row cannot say.
   */
  @Test
  void wordsThatChangePlacesKeepTheirProbability() throws Exception {
    PublishedLanguageModel before = trained(Softmax.ADAPTIVE);
    List<String> words = new ArrayList<>(before.vocabulary().words());
    for (int rank = 10; rank < 20; rank++) {
      Collections.swap(words, rank, rank + 10);
    }
    Path file = directory.resolve("words");
    List<String> lines = new ArrayList<>();
    for (String word : words) {
      lines.add(word + "\t" + (words.size() - lines.size()));
    }
    Vocabulary swapped = Vocabulary.read(Files.write(file, lines));
    ModelWeights older = ModelWeights.read(before.weights(), before.configuration());
    ModelWeights newer =
        new WeightTransfer(older, before.vocabulary(), swapped).to(before.configuration(), oldText);
    for (String name : List.of("tail.0.0.weight", "tail.1.0.weight", "tail.1.1.weight")) {
      assertThat(newer.output(name)).as(name).isEqualTo(older.output(name));
    }
    Corpus validation = oldText.part(Split.VALIDATION);
    int[] old = Encoder.forEvaluation(before.vocabulary()).encode(validation);
    int[] now = Encoder.forEvaluation(swapped).encode(validation);
    try (CommonPerplexity first = new CommonPerplexity(older, before.vocabulary(), swapped);
        CommonPerplexity second = new CommonPerplexity(newer, swapped, before.vocabulary())) {
      assertThat(second.of(now)).isCloseTo(first.of(old), withinPercentage(3));
    }
  }

  /** New frequencies and new words: what the old model knew is still known, and a short training learns what is new. */
  @ParameterizedTest
  @EnumSource
  void carriesKnowledgeOver(Softmax softmax) throws Exception {
    PublishedLanguageModel before = trained(softmax);
    Rebucketing.Result untrained =
        Rebucketing.builder(before, counts(newText)).steps(0).build().run(newText, out());
    assertThat(untrained.words().added()).hasSizeGreaterThan(20);
    assertThat(untrained.words().dropped()).isNotEmpty();
    assertThat(untrained.words().moved()).isNotEmpty();
    assertThat(untrained.perplexityTransferred()).isLessThan(1.1 * untrained.perplexityBefore());
    Rebucketing.Result trained =
        Rebucketing.builder(before, counts(newText))
            .steps(60)
            .learningRate(1e-2)
            .build()
            .run(newText, out());
    assertThat(trained.perplexity()).isLessThan(untrained.perplexity());
    PublishedVersion renewed = PublishedVersion.check(out());
    assertThat(renewed.lineage()).extracting(Ancestor::version).containsExactly(1L);
    try (SavedLanguageModel loaded = SavedLanguageModel.load(out())) {
      assertThat(loaded.next(List.of("line 3 the"), 3).get(0)).hasSize(3);
    }
  }

  /**
   * Half a training, published with its moments, re-bucketed onto the counts that it has, and the other half: the same weights as
   * a training that was never broken off.
   */
  @ParameterizedTest
  @EnumSource
  void aTrainingGoesOnWhereItWasBrokenOff(Softmax softmax) throws Exception {
    LanguageModelConfiguration model = trained(softmax).configuration();
    Vocabulary words = trained(softmax).vocabulary();
    TrainingConfiguration training =
        TrainingConfiguration.builder()
            .batch(8)
            .steps(10)
            .learningRate(1e-2)
            .finalLearningRate(1e-2)
            .build();
    int[] text = Arrays.copyOf(EncodedCorpus.of(oldText, words).ranks(Split.TRAIN), 25 * 8 * 10);
    LanguageModelText learned = new LanguageModelText(text, text, words.boundaryRank());
    ModelWeights straight;
    Path half = directory.resolve("half");
    Path version;
    try (LanguageModelTrainer trainer = new LanguageModelTrainer(model, training, learned)) {
      trainer.trainSteps(50, TrainingListener.SILENT);
      straight = trainer.weights();
    }
    try (LanguageModelTrainer trainer = new LanguageModelTrainer(model, training, learned)) {
      trainer.trainSteps(25, TrainingListener.SILENT);
      trainer.save(half);
      version =
          LanguageModelExporter.builder(model, words)
              .extra(AdamMoments.FILE, trainer.moments()::writeTo)
              .build()
              .publish(new ModelDirectory(directory.resolve("with-moments")), half);
    }
    PublishedLanguageModel published = PublishedLanguageModel.read(version);
    AdamMoments moments = AdamMoments.read(version, published.configuration()).orElseThrow();
    assertThat(moments.steps()).isEqualTo(25);
    ModelWeights carried =
        new WeightTransfer(ModelWeights.read(published.weights(), model), words, words)
            .to(model, oldText);
    AdamMoments kept = new MomentTransfer(words, words, model).of(moments);
    try (LanguageModelTrainer trainer =
        LanguageModelTrainer.startingFrom(carried, kept, training, learned, Learning.WHOLE_MODEL)) {
      trainer.trainSteps(25, TrainingListener.SILENT);
      assertThat(trainer.moments().steps()).isEqualTo(50);
      straight
          .values()
          .forEach(
              (name, expected) ->
                  assertThat(trainer.weights().values().get(name))
                      .as(name)
                      .usingComparatorWithPrecision(1e-5f)
                      .containsExactly(expected));
    }
  }

  /** Rows of words that stay keep both moments; rows without a past start at zero and at their cluster's mean. */
  @Test
  void momentsMoveWithTheRowsOfTheirWords() throws Exception {
    PublishedLanguageModel before = trained(Softmax.ADAPTIVE);
    Vocabulary older = before.vocabulary();
    Vocabulary newer = Vocabulary.of(WordCounts.of(newText, Split.TRAIN));
    LanguageModelConfiguration model =
        LanguageModelConfiguration.builder()
            .vocabulary(newer.size())
            .cutoffs(List.of(30, 100))
            .divValue(2)
            .embedding(24)
            .hidden(32)
            .build();
    ModelWeights values = ModelWeights.initial(before.configuration());
    AdamMoments moments =
        new MomentTransfer(older, newer, model).of(new AdamMoments(7, values, values));
    assertThat(moments.steps()).isEqualTo(7);
    OutputRows from = new OutputRows(values);
    OutputRows first = new OutputRows(moments.first());
    OutputRows second = new OutputRows(moments.second());
    int stayed = 0;
    int fresh = 0;
    for (int rank = 0; rank < newer.size(); rank++) {
      String word = newer.word(rank);
      int cluster = model.plan().cluster(rank);
      if (word.equals(Vocabulary.UNKNOWN)) {
        continue;
      }
      float[] row = row(first, rank);
      if (older.contains(word)
          && before.configuration().plan().cluster(older.rank(word)) == cluster) {
        assertThat(row).as(word).isEqualTo(row(from, older.rank(word)));
        assertThat(row(second, rank)).as(word).isEqualTo(row);
        stayed++;
      } else {
        assertThat(row).as(word).containsOnly(0);
        assertThat(row(second, rank)).as(word).isEqualTo(mean(from, cluster));
        fresh++;
      }
    }
    assertThat(stayed).isPositive();
    assertThat(fresh).isPositive();
    assertThat(moments.first().output("tail.0.0.weight"))
        .isEqualTo(values.output("tail.0.0.weight"));
    assertThat(Arrays.copyOfRange(first.head(), first.entryOffset(1), first.head().length))
        .isEqualTo(Arrays.copyOfRange(from.head(), from.entryOffset(1), from.head().length));
  }

  private static float[] row(OutputRows rows, int rank) {
    int cluster = rows.plan().cluster(rank);
    int offset = rows.offset(rank);
    return Arrays.copyOfRange(rows.rows(cluster), offset, offset + rows.width(cluster));
  }

  private static float[] mean(OutputRows rows, int cluster) {
    double[] sum = new double[rows.width(cluster)];
    for (int rank = rows.start(cluster); rank < rows.end(cluster); rank++) {
      float[] row = row(rows, rank);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += row[i];
      }
    }
    float[] mean = new float[sum.length];
    for (int i = 0; i < sum.length; i++) {
      mean[i] = (float) (sum[i] / (rows.end(cluster) - rows.start(cluster)));
    }
    return mean;
  }

  /** A version with moments begets a version with moments, which counts the steps of both. */
  @Test
  void handsTheMomentsOn() throws Exception {
    PublishedLanguageModel before = trained(Softmax.ADAPTIVE);
    ModelWeights zeros = ModelWeights.initial(before.configuration());
    zeros.values().values().forEach(values -> Arrays.fill(values, 1e-4f));
    AdamMoments moments = new AdamMoments(100, zeros, zeros);
    Path with =
        before
            .exporter()
            .extra(AdamMoments.FILE, moments::writeTo)
            .build()
            .publish(new ModelDirectory(directory.resolve("with")), before.weights());
    Path version =
        Rebucketing.builder(PublishedLanguageModel.read(with), counts(newText))
            .steps(3)
            .build()
            .run(newText, out())
            .version();
    PublishedLanguageModel renewed = PublishedLanguageModel.read(version);
    assertThat(AdamMoments.read(version, renewed.configuration()).orElseThrow().steps())
        .isEqualTo(103);
    assertThatThrownBy(() -> AdamMoments.read(version, before.configuration()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("adam.safetensors holds no moments of the model: ")
        .hasMessageContaining(" must have ");
    Files.writeString(version.resolve("assets.extra").resolve(AdamMoments.FILE), "half");
    assertThatThrownBy(() -> AdamMoments.read(version, renewed.configuration()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("truncated");
    assertThat(AdamMoments.read(before.version(), before.configuration())).isEmpty();
  }

  @Test
  void theLayerAloneLearns() throws Exception {
    PublishedLanguageModel before = trained(Softmax.ADAPTIVE);
    Rebucketing.Builder settings = Rebucketing.builder(before, counts(newText)).steps(0);
    Path untrained = settings.build().run(newText, out()).version();
    Rebucketing.Result trained =
        settings
            .steps(40)
            .learningRate(1e-2)
            .learning(Learning.OUTPUT_LAYER)
            .build()
            .run(newText, out());
    PublishedLanguageModel start = PublishedLanguageModel.read(untrained);
    PublishedLanguageModel end = PublishedLanguageModel.read(trained.version());
    ModelWeights first = ModelWeights.read(start.weights(), start.configuration());
    ModelWeights last = ModelWeights.read(end.weights(), end.configuration());
    assertThat(last.embedding()).isEqualTo(first.embedding());
    assertThat(last.output("head.weight")).isNotEqualTo(first.output("head.weight"));
  }

  /** The input row of a new word is the mean of those of the words up to two places around it, wherever it stands. */
  @Test
  void newWordsStartFromTheMeanOfTheirNeighbours() throws Exception {
    PublishedLanguageModel before = trained(Softmax.ADAPTIVE);
    Vocabulary older = before.vocabulary();
    List<String> lines = List.of("line the axolotl sees a line", "axolotl the");
    Corpus corpus = Corpus.ofFile(Files.write(directory.resolve("axolotl.txt"), lines));
    List<String> words = new ArrayList<>(older.words());
    words.add("axolotl");
    Path file = directory.resolve("words");
    List<String> counted = new ArrayList<>();
    words.forEach(word -> counted.add(word + "\t" + (words.size() - counted.size())));
    Vocabulary newer = Vocabulary.read(Files.write(file, counted));
    ModelWeights from = ModelWeights.read(before.weights(), before.configuration());
    ModelWeights to =
        ModelWeights.initial(
            LanguageModelConfiguration.builder()
                .vocabulary(newer.size())
                .cutoffs(List.of(20, 120))
                .divValue(2)
                .embedding(24)
                .hidden(32)
                .build());
    new NewWordRows(from, older, to, newer).fill(corpus);
    float[] mean = new float[24];
    for (String near : List.of("line", "the", "sees", "a", "the")) {
      for (int i = 0; i < 24; i++) {
        mean[i] += from.embedding()[older.rank(near) * 24 + i] / 5;
      }
    }
    int rank = newer.rank("axolotl");
    assertThat(Arrays.copyOfRange(to.embedding(), rank * 24, rank * 24 + 24))
        .usingComparatorWithPrecision(1e-6f)
        .containsExactly(mean);
  }

  /** Another sample of the same text: words near a cutoff stay where they are, unless every word is ranked anew. */
  @Test
  void wordsNearACutoffKeepTheirCluster() throws Exception {
    PublishedLanguageModel before = trained(Softmax.ADAPTIVE);
    Corpus again = Corpus.ofFile(Files.write(directory.resolve("again.txt"), sentences(9, 0)));
    Rebucketing.Builder settings = Rebucketing.builder(before, counts(again)).steps(0);
    Rebucketing.Result stable = settings.build().run(again, out());
    Rebucketing.Result anew = settings.rankAnew().build().run(again, out());
    int ranked = anew.words().moved().size();
    assertThat(ranked).isGreaterThan(5);
    assertThat(stable.words().moved()).hasSizeLessThan(ranked / 2);
    PublishedLanguageModel renewed = PublishedLanguageModel.read(stable.version());
    long[] counts = renewed.vocabulary().counts();
    for (int rank = 1; rank < counts.length; rank++) {
      if (renewed.configuration().plan().cluster(rank)
          == renewed.configuration().plan().cluster(rank - 1)) {
        assertThat(counts[rank]).as("rank " + rank).isLessThanOrEqualTo(counts[rank - 1]);
      }
    }
  }

  @Test
  void tellsTheOldAndTheNewRankOfEachWord() throws Exception {
    PublishedLanguageModel before = trained(Softmax.ADAPTIVE);
    Path version =
        Rebucketing.builder(before, counts(newText)).steps(0).build().run(newText, out()).version();
    Vocabulary older = before.vocabulary();
    Vocabulary newer = PublishedLanguageModel.read(version).vocabulary();
    List<String> lines = Files.readAllLines(version.resolve("assets.extra/ids.tsv"));
    int both = 0;
    for (String line : lines) {
      String[] parts = line.split("\t", -1);
      assertThat(parts).hasSize(3);
      assertThat(parts[1]).isEqualTo(older.contains(parts[0]) ? "" + older.rank(parts[0]) : "");
      assertThat(parts[2]).isEqualTo(newer.contains(parts[0]) ? "" + newer.rank(parts[0]) : "");
      both += parts[1].isEmpty() || parts[2].isEmpty() ? 0 : 1;
    }
    assertThat(lines).hasSize(older.size() + newer.size() - both);
  }

  @Test
  void aBadInputLeavesTheModelAsItWas() throws Exception {
    PublishedLanguageModel before = trained(Softmax.ADAPTIVE);
    Path int8 =
        before
            .exporter()
            .tailWeights(TailWeights.INT8)
            .build()
            .publish(new ModelDirectory(directory.resolve("int8")), before.weights());
    PublishedLanguageModel rounded = PublishedLanguageModel.read(int8);
    CountsDirectory counts = counts(newText);
    assertThatThrownBy(() -> Rebucketing.builder(rounded, counts).build().run(newText, out()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("only a model with float32 tail weights can be exported anew");
    Path one = Files.writeString(directory.resolve("one.txt"), "word\n");
    CountsDirectory few =
        TokenCounter.builder().build().count(Corpus.ofFile(one), directory.resolve("few"));
    assertThatThrownBy(() -> Rebucketing.builder(before, few).build().run(newText, out()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("counts must hold more than one token: %s has [word]", few.path());
    Corpus short1 = Corpus.ofFile(one);
    assertThatThrownBy(() -> Rebucketing.builder(before, counts).build().run(short1, out()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no words in the");
    assertThat(out().base()).doesNotExist();
  }
}
