package org.adaptivesoftmax.bench.convergence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.CutoffPlanner;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.export.PublishedLanguageModel;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.lifecycle.QualityMeasurement;
import org.adaptivesoftmax.lifecycle.Slice;
import org.adaptivesoftmax.lifecycle.SliceFigures;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.EncodedCorpus;
import org.adaptivesoftmax.text.Split;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.text.WordCounts;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.SoftmaxComparison;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.adaptivesoftmax.training.TrainingListener;

/**
 * Trainings with one vocabulary. Those that are done are kept; one that was interrupted goes on after its last epoch. Their
 * models stay among the files of the work, for the reports that compare them.
 */
final class Trainings implements Search.Trials {
  private static final String MODELS = "models";

  private final Corpus corpus;
  private final TrialFiles files;
  private final Path work;
  private final Consumer<String> progress;
  private final Vocabulary words;
  private final ClusterPlan plan;
  private final LanguageModelText text;

  /**
   * @param size of the vocabulary; 0 for all words
   * @param work for checkpoints and models
   */
  Trainings(Corpus corpus, int size, TrialFiles files, Path work, Consumer<String> progress)
      throws IOException {
    this.corpus = corpus;
    this.files = files;
    this.work = work;
    this.progress = progress;
    Vocabulary.Builder kept = Vocabulary.builder();
    words = (size == 0 ? kept : kept.maxSize(size)).build(WordCounts.of(corpus, Split.TRAIN));
    TrainingConfiguration steps = TrainingConfiguration.builder().build();
    plan =
        CutoffPlanner.builder(
                LanguageModelConfiguration.DEFAULT_WIDTH,
                CostModel.ofBatch(steps.batch() * steps.steps()))
            .build()
            .plan(words.counts());
    EncodedCorpus encoded = EncodedCorpus.of(corpus, words);
    text =
        new LanguageModelText(
            encoded.ranks(Split.TRAIN), encoded.ranks(Split.VALIDATION), words.boundaryRank());
  }

  @Override
  public TrialResult result(Trial trial) throws IOException, InterruptedException {
    String hash = HexFormat.of().toHexDigits(Arrays.hashCode(text.train()));
    Optional<TrialResult> known = files.find(trial, hash);
    if (known.isPresent() && known.get().isDone()) {
      return known.get();
    }
    progress.accept(trial.toString());
    return train(
        known.orElseGet(() -> new TrialResult(trial, hash, words.size(), 0, List.of(), List.of())));
  }

  /** What a step takes with either layer, in one run. */
  SoftmaxComparison times(int steps) throws InterruptedException {
    return SoftmaxComparison.measure(
        configuration(new Trial(0, LanguageModelConfiguration.Softmax.ADAPTIVE, 1, 1, 0)),
        TrainingConfiguration.builder().build(),
        text,
        steps);
  }

  private LanguageModelConfiguration configuration(Trial trial) {
    return LanguageModelConfiguration.builder()
        .vocabulary(words.size())
        .cutoffs(plan.cutoffs())
        .divValue(plan.divValue())
        .seed(trial.seed())
        .build()
        .withSoftmax(trial.softmax());
  }

  /** Goes on with a training from its last checkpoint, if that is there. */
  private TrialResult train(TrialResult before) throws IOException, InterruptedException {
    Trial trial = before.trial();
    LanguageModelConfiguration model = configuration(trial);
    TrainingConfiguration training =
        TrainingConfiguration.builder().epochs(trial.epochs()).learningRate(trial.rate()).build();
    Path place = Files.createDirectories(work.resolve(trial.key()));
    Path checkpoints = place.resolve("checkpoints");
    try (LanguageModelTrainer trainer = new LanguageModelTrainer(model, training, text)) {
      if (!before.validation().isEmpty()) {
        trainer.resume(checkpoints);
      }
      Course course = new Course(before, trainer.epochsDone());
      trainer.train(Optional.of(checkpoints), course);
      Path prefix = place.resolve("weights");
      trainer.save(prefix);
      Path version =
          LanguageModelExporter.builder(model, words)
              .build()
              .publish(new ModelDirectory(work.resolve(MODELS).resolve(trial.key())), prefix);
      TrialResult result = course.result(test(PublishedLanguageModel.read(version)));
      files.write(result);
      return result;
    } finally {
      if (files.find(trial, before.text()).filter(TrialResult::isDone).isPresent()) {
        FileTree.delete(place);
      }
    }
  }

  private List<SliceFigures> test(PublishedLanguageModel model) throws IOException {
    return QualityMeasurement.builder(model, corpus.part(Split.TEST))
        .build()
        .run()
        .models()
        .get(0)
        .slices()
        .stream()
        .filter(figures -> figures.slice().kind() != Slice.Kind.CLUSTER)
        .toList();
  }

  /** Writes down each epoch. */
  private final class Course implements TrainingListener {
    private final TrialResult before;
    private final List<Double> validation;
    private int steps;

    Course(TrialResult before, int epochsDone) {
      this.before = before;
      this.validation = new ArrayList<>(before.validation().subList(0, epochsDone));
      this.steps = before.stepsOfEpoch();
    }

    @Override
    public void epochDone(Epoch epoch) {
      steps = Math.toIntExact(epoch.step() / epoch.epoch());
      validation.add(epoch.validation().total());
      try {
        files.write(result(List.of()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      progress.accept(
          "  epoch %s: validation perplexity %s"
              .formatted(epoch.epoch(), epoch.validation().total()));
    }

    TrialResult result(List<SliceFigures> test) {
      return new TrialResult(
          before.trial(), before.text(), before.vocabulary(), steps, validation, test);
    }
  }
}
