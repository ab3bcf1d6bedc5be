package org.adaptivesoftmax.lifecycle;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.CutoffPlanner;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.lifecycle.RebucketReport.Course;
import org.adaptivesoftmax.lifecycle.RebucketReport.Pair;
import org.adaptivesoftmax.lifecycle.RebucketReport.Transfer;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.ModelWeights;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.EncodedCorpus;
import org.adaptivesoftmax.text.Encoder;
import org.adaptivesoftmax.text.Split;
import org.adaptivesoftmax.text.TokenCounter;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;
import org.adaptivesoftmax.text.WordNet;
import org.adaptivesoftmax.training.AdamMoments;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.LanguageModelTrainer.Learning;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.adaptivesoftmax.training.TrainingListener;

/**
 * What re-bucketing keeps and costs, against training anew: a model of a part of WordNet's texts, renewed for all of them.
 *
 * @param epochs of each training
 * @param atMost lines of each text, for a try
 * @param directory for texts, counts and models
 * @param progress is told what is done
 */
public record RebucketBench(int epochs, long atMost, Path directory, Consumer<String> progress) {
  private static final int ROWS = 640;

  /** Measures both pairs of texts. */
  public RebucketReport run() throws IOException, InterruptedException {
    return new RebucketReport(
        List.of(
            pair(
                "nouns", "definitions of nouns, then of all parts of speech", RebucketBench::nouns),
            pair("definitions", "definitions, then examples as well", RebucketBench::definitions)));
  }

  private static void nouns(WordNet.Synset synset, Lines lines) {
    lines.add(synset.gloss(), synset.lexicographerName().startsWith("noun"));
  }

  private static void definitions(WordNet.Synset synset, Lines lines) {
    for (String part : synset.gloss().split("; (?=\")", -1)) {
      lines.add(part, !part.startsWith("\""));
    }
  }

  /** The lines of the old text and of the new one, which has them all. */
  private static final class Lines {
    private final BufferedWriter older;
    private final BufferedWriter newer;
    private final long atMost;
    private long count;

    Lines(BufferedWriter older, BufferedWriter newer, long atMost) {
      this.older = older;
      this.newer = newer;
      this.atMost = atMost;
    }

    void add(String line, boolean isOld) {
      // Evenly over the whole text, which is in the order of the parts of speech.
      if (count++ % Math.max(1, 118_000 / atMost) != 0) {
        return;
      }
      try {
        newer.write(line + "\n");
        if (isOld) {
          older.write(line + "\n");
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Pair pair(String name, String texts, BiConsumer<WordNet.Synset, Lines> divide)
      throws IOException, InterruptedException {
    Path place = Files.createDirectories(directory.resolve(name));
    Path older = place.resolve("old.txt");
    Path newer = place.resolve("new.txt");
    try (BufferedWriter old = Files.newBufferedWriter(older);
        BufferedWriter all = Files.newBufferedWriter(newer)) {
      Lines lines = new Lines(old, all, atMost);
      new WordNet().forEachSynset(synset -> divide.accept(synset, lines));
    }
    Corpus oldText = Corpus.ofFile(older);
    Corpus newText = Corpus.ofFile(newer);
    progress.accept(texts + ": training the old model");
    Trained old = train(oldText, place.resolve("old"));
    progress.accept(texts + ": training anew");
    Trained anew = train(newText, place.resolve("anew"));
    CountsDirectory counts =
        TokenCounter.builder().build().count(newText.part(Split.TRAIN), place.resolve("counts"));
    List<Course> courses = new ArrayList<>();
    for (Learning learning : Learning.values()) {
      progress.accept(texts + ": re-bucketing, training " + learning);
      Rebucketing.Result result =
          Rebucketing.builder(old.model, counts)
              .learning(learning)
              .build()
              .run(newText, new ModelDirectory(place.resolve("renewed")));
      courses.add(new Course(learning.name(), result.perplexity(), result.trainSeconds()));
    }
    return new Pair(
        texts,
        transfer(old.model, counts, oldText, newText, place),
        new Course("ANEW", anew.perplexity, anew.seconds),
        courses);
  }

  private Transfer transfer(
      PublishedLanguageModel old,
      CountsDirectory counts,
      Corpus oldText,
      Corpus newText,
      Path place)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Rebucketing.Result result =
        Rebucketing.builder(old, counts)
            .steps(0)
            .build()
            .run(newText, new ModelDirectory(place.resolve("transferred")));
    double seconds = (System.nanoTime() - start) / 1e9;
    PublishedLanguageModel renewed = PublishedLanguageModel.read(result.version());
    return new Transfer(
        common(old, renewed, oldText),
        common(renewed, old, oldText),
        result.words().added().size(),
        result.words().movedUp() + result.words().movedDown(),
        seconds);
  }

  private static double common(
      PublishedLanguageModel model, PublishedLanguageModel other, Corpus text) throws IOException {
    ModelWeights weights = ModelWeights.read(model.weights(), model.configuration());
    int[] words = Encoder.forEvaluation(model.vocabulary()).encode(text.part(Split.VALIDATION));
    try (CommonPerplexity perplexity =
        new CommonPerplexity(weights, model.vocabulary(), other.vocabulary())) {
      return perplexity.of(words);
    }
  }

  /** A model and what it cost. */
  private record Trained(PublishedLanguageModel model, double perplexity, double seconds) {}

  /** As the command {@code train} does it, with {@code --keep-moments}. */
  private Trained train(Corpus corpus, Path place) throws IOException, InterruptedException {
    Vocabulary words = Vocabulary.of(WordCounts.of(corpus, Split.TRAIN));
    ClusterPlan plan =
        CutoffPlanner.builder(LanguageModelConfiguration.DEFAULT_WIDTH, CostModel.ofBatch(ROWS))
            .build()
            .plan(words.counts());
    LanguageModelConfiguration model =
        LanguageModelConfiguration.builder()
            .vocabulary(words.size())
            .cutoffs(plan.cutoffs())
            .divValue(plan.divValue())
            .build();
    EncodedCorpus text = EncodedCorpus.of(corpus, words);
    LanguageModelText learned =
        new LanguageModelText(
            text.ranks(Split.TRAIN), text.ranks(Split.VALIDATION), words.boundaryRank());
    Path prefix = Files.createDirectories(place).resolve("weights");
    TrainingConfiguration training = TrainingConfiguration.builder().epochs(epochs).build();
    try (LanguageModelTrainer trainer = new LanguageModelTrainer(model, training, learned)) {
      long start = System.nanoTime();
      trainer.train(Optional.empty(), TrainingListener.SILENT);
      double seconds = (System.nanoTime() - start) / 1e9;
      trainer.save(prefix);
      Path version =
          LanguageModelExporter.builder(model, words)
              .extra(AdamMoments.FILE, trainer.moments()::writeTo)
              .build()
              .publish(new ModelDirectory(place.resolve("model")), prefix);
      return new Trained(
          PublishedLanguageModel.read(version),
          trainer.evaluate(learned.validation()).total(),
          seconds);
    }
  }
}
