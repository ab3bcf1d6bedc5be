package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.cli.TrainResult.Quality;
import org.adaptivesoftmax.cli.TrainResult.Trained;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.CostModel;
import org.adaptivesoftmax.cluster.PlanReport;
import org.adaptivesoftmax.cluster.TailSplit;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.internal.io.ProcessLock;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.UnfinishedDirectory;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.ProvenanceKeys;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Split;
import org.adaptivesoftmax.training.AdamMoments;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.Perplexity;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.adaptivesoftmax.training.TrainingEvents;
import org.adaptivesoftmax.training.TrainingListener;
import org.adaptivesoftmax.training.TrainingListener.Epoch;
import org.jspecify.annotations.Nullable;
import org.tensorflow.exceptions.TensorFlowException;

/**
 * From a corpus to an exported language model: counts, vocabulary, clusters, training, export.
 *
 * @param source what is learned
 * @param network what learns it
 * @param training how
 * @param destination where the result goes
 * @param checkpoints what becomes of an interrupted run's checkpoints
 * @param task its part in a cluster
 */
record TrainingRun(
    Source source,
    Network network,
    TrainingConfiguration training,
    Destination destination,
    CheckpointOptions checkpoints,
    TaskOfRun task) {
  /** Beside the versions, under a name that TensorFlow Serving ignores. */
  private static final String CHECKPOINTS = "checkpoints";

  /**
   * What is learned.
   *
   * @param corpus text, one sentence a line
   * @param maxVocabulary limit of the vocabulary's size, or null
   * @param ids where the text is written as word ids, or null
   */
  record Source(Corpus corpus, @Nullable Integer maxVocabulary, @Nullable Path ids) {}

  /**
   * What learns it.
   *
   * @param softmax which output layer
   * @param embedding width of a word's input row
   * @param hidden width of the LSTM
   * @param dropout probability
   * @param cutoffs where the ranked vocabulary is cut; empty to choose by expected cost
   * @param divValue factor by which tail projections narrow, or null for the default
   * @param seed of every random choice
   */
  record Network(
      Softmax softmax,
      int embedding,
      int hidden,
      double dropout,
      List<Integer> cutoffs,
      @Nullable Double divValue,
      long seed) {
    /** For a text's vocabulary, divided as {@link TrainingText#plan} says. */
    LanguageModelConfiguration configuration(TrainingText text, int rows) {
      ClusterPlan plan = text.plan(hidden, rows, cutoffs, divValue);
      return LanguageModelConfiguration.builder()
          .softmax(softmax)
          .vocabulary(text.vocabulary().size())
          .cutoffs(plan.cutoffs())
          .divValue(plan.divValue())
          .embedding(embedding)
          .hidden(hidden)
          .dropout(dropout)
          .seed(seed)
          .build();
    }
  }

  /**
   * Where the result goes.
   *
   * @param out model directory
   * @param tailWeights how the exported model stores its tail clusters
   * @param moments whether the optimizer's state goes with it
   * @param logdir where event files go, or null
   */
  record Destination(Path out, TailWeights tailWeights, boolean moments, @Nullable Path logdir) {
    /** Checks that everything can be written. */
    ModelDirectory check() throws IOException {
      if (logdir != null) {
        OutputDirectory.of(logdir);
      }
      return OutputDirectory.ofModel(out);
    }
  }

  /**
   * What was trained, and what with.
   *
   * @param result what is reported
   * @param text what was learned
   * @param configuration what learned it
   */
  record Outcome(TrainResult result, TrainingText text, LanguageModelConfiguration configuration) {}

  /** How the training went: the last epoch, if there was one left to do, and the seconds of all. */
  private record Course(@Nullable Epoch last, double seconds) {
    double wordsPerSecond() {
      return last == null ? 0 : last.wordsPerSecond();
    }
  }

  /** Keeps the last epoch's report. */
  private static final class LastEpoch implements TrainingListener {
    private @Nullable Epoch epoch;

    @Override
    public void epochDone(Epoch done) {
      epoch = done;
    }
  }

  /** What a launcher of several replicas checks and does before they start, all of which resume. */
  void prepare() throws IOException {
    destination.check();
    ProcessLock lock = lock();
    try {
      checkpoints.check(saved());
      checkpoints.deleteUnlessResuming(saved());
    } finally {
      lock.close();
    }
  }

  /** Two trainings in one directory would delete each other's checkpoints. */
  private ProcessLock lock() throws IOException {
    return ProcessLock.take(
        destination.out().resolve(CHECKPOINTS + ".lock"), "training into " + destination.out());
  }

  private Path saved() {
    return destination.out().resolve(CHECKPOINTS);
  }

  /** Trains and exports; of several replicas the first alone exports. */
  Outcome call() throws IOException, InterruptedException {
    try {
      task.start();
      if (!task.isFirst()) {
        return trainAndExport(new ModelDirectory(destination.out()));
      }
      ModelDirectory directory = destination.check();
      ProcessLock lock = lock();
      try {
        return trainAndExport(directory);
      } finally {
        lock.close();
      }
    } catch (TensorFlowException e) {
      throw task.meaning(e);
    }
  }

  /** What a process says that held tail clusters. */
  record TailsHeld(List<Integer> tailClusters) implements CommandResult {
    @Override
    public String text() {
      return "held the tail clusters " + tailClusters;
    }
  }

  /** Holds tail clusters, until the first replica has exported. */
  TailsHeld holdTails() throws IOException, InterruptedException {
    try {
      task.start();
      TrainingText read = read();
      LanguageModelConfiguration model = network.configuration(read, rows());
      TailSplit tails = describe(read, model);
      task.holdTails(model, training, read.text(), tails);
      return new TailsHeld(tails.tailsOf(task.index()).stream().map(tail -> tail + 1).toList());
    } catch (TensorFlowException e) {
      throw task.meaning(e);
    }
  }

  private Outcome trainAndExport(ModelDirectory directory)
      throws IOException, InterruptedException {
    Path saved = saved();
    checkpoints.check(saved);
    TrainingText read = read();
    LanguageModelConfiguration model = network.configuration(read, rows());
    TailSplit tails = describe(read, model);
    if (task.isFirst()) {
      checkpoints.deleteUnlessResuming(saved);
    }
    try (LanguageModelTrainer trainer = task.trainer(model, training, read.text(), tails)) {
      checkpoints.apply(saved, trainer::resume, trainer::epochsDone);
      Course course = train(trainer, saved);
      Perplexity validation =
          course.last != null
              ? course.last.validation()
              : trainer.evaluate(read.text().validation());
      Quality quality = Quality.of(validation, trainer.unigramBaseline());
      if (!task.isFirst()) {
        return new Outcome(result(quality, course, model, new Exported(saved, null)), read, model);
      }
      LanguageModelExporter.Builder exporter =
          LanguageModelExporter.builder(model, read.vocabulary())
              .counted(read.counted())
              .provenance(provenance(quality, course));
      if (destination.moments()) {
        exporter.extra(AdamMoments.FILE, trainer.moments()::writeTo);
      }
      Exported exported = export(trainer, exporter, directory);
      LanguageModelTrainer.deleteCheckpoints(saved);
      trainer.releaseTailTasks();
      return new Outcome(result(quality, course, model, exported), read, model);
    }
  }

  private TrainResult result(
      Quality quality, Course course, LanguageModelConfiguration model, Exported exported) {
    return new TrainResult(
        quality,
        course.wordsPerSecond(),
        course.seconds,
        Trained.of(model, training.epochs()),
        exported.model.toString(),
        exported.cost);
  }

  /** Rows of a step, of all replicas. */
  private int rows() {
    return training.batch() * training.steps() * task.count();
  }

  private TrainingText read() throws IOException {
    Path ids = source.ids();
    if (ids != null) {
      OutputDirectory.of(ids);
    }
    TrainingText read = TrainingText.read(source.corpus(), source.maxVocabulary());
    Require.argument(
        read.text().validation().length > 0,
        "%s: no line of %,d is held back to validate with; a text needs some hundred lines, which end"
            + " in LF or CRLF",
        source.corpus().name(),
        read.counted().totals().documents());
    if (ids != null) {
      WordIds.write(read.text(), ids, read.vocabulary().size());
    }
    return read;
  }

  /** Says what is trained, and how; and which tail task holds each tail cluster. */
  private TailSplit describe(TrainingText read, LanguageModelConfiguration model) {
    System.err.printf(
        "%,d training words, %,d validation words, vocabulary %,d%n",
        read.text().train().length, read.text().validation().length, model.vocabulary());
    if (model.softmax() == Softmax.FULL) {
      return TailSplit.NONE;
    }
    CostModel costs = CostModel.ofBatch(rows());
    PlanReport report = PlanReport.of(model.plan(), read.vocabulary().counts(), costs);
    PlanTable.lines(report).forEach(System.err::println);
    TailSplit tails = task.tails(report);
    PlanTable.lines(report, tails).forEach(System.err::println);
    return tails;
  }

  private Course train(LanguageModelTrainer trainer, Path saved)
      throws IOException, InterruptedException {
    LastEpoch last = new LastEpoch();
    long start = System.nanoTime();
    try (TrainingProgress progress = new TrainingProgress();
        TrainingEvents events =
            destination.logdir() == null ? null : new TrainingEvents(destination.logdir())) {
      List<TrainingListener> listeners = new ArrayList<>(List.of(last, progress));
      if (events != null) {
        listeners.add(events);
      }
      trainer.train(Optional.of(saved), TrainingListener.all(listeners));
    }
    return new Course(last.epoch, (System.nanoTime() - start) / 1e9);
  }

  /** A published version, and what its form of tail weights saves and costs; null for float32. */
  private record Exported(Path model, @Nullable TailWeightsCost cost) {}

  private Exported export(
      LanguageModelTrainer trainer,
      LanguageModelExporter.Builder exporter,
      ModelDirectory directory)
      throws IOException {
    // What a killed process leaves there, the next to publish deletes.
    try (UnfinishedDirectory unfinished = UnfinishedDirectory.create(directory.base())) {
      Path temporary = unfinished.directory();
      Path weights = temporary.resolve("weights");
      trainer.save(weights);
      TailWeights form = destination.tailWeights();
      if (form == TailWeights.FLOAT32) {
        return new Exported(exporter.build().publish(directory, weights), null);
      }
      Path float32 =
          exporter.build().publish(new ModelDirectory(temporary.resolve("float32")), weights);
      Path model = exporter.tailWeights(form).build().publish(directory, weights);
      System.err.println("measuring what " + Choice.name(form) + " tails cost");
      return new Exported(
          model,
          TailWeightsCost.ofSize(form, model, float32)
              .on(source.corpus().part(Split.VALIDATION), model, float32));
    }
  }

  private Map<String, Object> provenance(Quality quality, Course course) {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put(ProvenanceKeys.CORPUS, source.corpus().name());
    provenance.put("precision", Choice.name(training.precision()));
    provenance.put("epochs", training.epochs());
    provenance.put("batch", training.batch() * task.count());
    provenance.put("replicas", task.count());
    provenance.put("tail_tasks", task.tailTasks());
    provenance.put("learning_rate", training.learningRate().first());
    provenance.put(ProvenanceKeys.DROPOUT, network.dropout());
    provenance.put(ProvenanceKeys.SEED, network.seed());
    provenance.put("validation_perplexity", quality.perplexity());
    provenance.put("unigram_perplexity", quality.unigramPerplexity());
    provenance.put("train_seconds", course.seconds);
    return provenance;
  }
}
