package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.adaptivesoftmax.TailWeights;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.model.ComputePrecision;
import org.adaptivesoftmax.model.LanguageModelConfiguration;
import org.adaptivesoftmax.model.LanguageModelConfiguration.Softmax;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.Split;
import org.adaptivesoftmax.text.Vocabulary;
import org.adaptivesoftmax.training.LanguageModelText;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.adaptivesoftmax.training.Perplexity;
import org.adaptivesoftmax.training.TrainingConfiguration;
import org.adaptivesoftmax.training.TrainingEvents;
import org.adaptivesoftmax.training.TrainingListener;
import org.jspecify.annotations.Nullable;

/**
 * From a corpus to an exported language model: counts, vocabulary, clusters, training, export.
 *
 * @param corpus text, one sentence a line
 * @param out model directory
 * @param softmax which output layer
 * @param embedding width of a word's input row
 * @param hidden width of the LSTM
 * @param cutoffs where the ranked vocabulary is cut; empty to choose by expected cost
 * @param divValue factor by which tail projections narrow
 * @param delta AS-Softmax's margin; 1 is the plain loss
 * @param precision of the training step's products of matrices
 * @param epochs passes over the text
 * @param seed of every random choice
 * @param maxVocabulary limit of the vocabulary's size, or null
 * @param tailWeights how the exported model stores its tail clusters
 * @param resume whether to go on from the last checkpoint
 * @param logdir where event files go, or null
 * @param writeIds where the text goes as word ids, or null
 */
public record TrainingRun(
    Corpus corpus,
    Path out,
    Softmax softmax,
    int embedding,
    int hidden,
    List<Integer> cutoffs,
    double divValue,
    double delta,
    ComputePrecision precision,
    int epochs,
    long seed,
    @Nullable Integer maxVocabulary,
    TailWeights tailWeights,
    boolean resume,
    @Nullable Path logdir,
    @Nullable Path writeIds) {
  static final int DEFAULT_EPOCHS = 2;

  /** Tail widths of 128, 64, 32 and 16: with PyTorch's 4 the last ones are too narrow to learn anything. */
  public static final double DEFAULT_DIV_VALUE = 2;

  /** Beside the versions, under a name that TensorFlow Serving ignores. */
  private static final String CHECKPOINTS = "checkpoints";

  TrainResult call() throws IOException, InterruptedException {
    TrainingConfiguration training =
        TrainingConfiguration.builder().epochs(epochs).delta(delta).precision(precision).build();
    TrainingText read = TrainingText.read(corpus, maxVocabulary);
    Vocabulary vocabulary = read.vocabulary();
    LanguageModelText text = read.text();
    LanguageModelConfiguration configuration = configuration(read, training);
    if (writeIds != null) {
      text.write(writeIds, vocabulary.size());
    }
    System.err.printf(
        "%,d training words, %,d validation words, vocabulary %,d, cutoffs %s%n",
        text.train().length,
        text.validation().length,
        vocabulary.size(),
        configuration.plan().cutoffs());
    try (LanguageModelTrainer trainer = new LanguageModelTrainer(configuration, training, text)) {
      Watch watch = new Watch();
      double seconds = train(trainer, watch);
      Perplexity validation =
          watch.last != null ? watch.last.validation() : trainer.evaluate(text.validation());
      TrainResult result =
          result(configuration, validation, trainer.unigramBaseline(), watch, seconds);
      TrainResult exported = export(trainer, configuration, vocabulary, result);
      FileTree.delete(out.resolve(CHECKPOINTS));
      return exported;
    }
  }

  private LanguageModelConfiguration configuration(
      TrainingText read, TrainingConfiguration training) {
    return LanguageModelConfiguration.builder()
        .softmax(softmax)
        .vocabulary(read.vocabulary().size())
        .cutoffs(
            cutoffs.isEmpty()
                ? read.plannedCutoffs(hidden, training.batch() * training.steps(), divValue)
                : cutoffs)
        .divValue(divValue)
        .embedding(embedding)
        .hidden(hidden)
        .seed(seed)
        .build();
  }

  /** Keeps the last epoch's report. */
  private static final class Watch implements TrainingListener {
    private @Nullable Epoch last;

    @Override
    public void epochDone(Epoch epoch) {
      last = epoch;
    }
  }

  /** Trains, and gives the seconds it took. */
  private double train(LanguageModelTrainer trainer, Watch watch)
      throws IOException, InterruptedException {
    Path checkpoints = out.resolve(CHECKPOINTS);
    if (resume) {
      System.err.println(
          trainer.resume(checkpoints)
              ? "resuming after epoch " + trainer.epochsDone()
              : "no checkpoint in " + checkpoints + ": starting anew");
    } else {
      FileTree.delete(checkpoints);
    }
    long start = System.nanoTime();
    try (TrainingProgress progress = new TrainingProgress();
        TrainingEvents events = logdir == null ? null : new TrainingEvents(logdir)) {
      List<TrainingListener> listeners = new ArrayList<>(List.of(watch, progress));
      if (events != null) {
        listeners.add(events);
      }
      trainer.train(Optional.of(checkpoints), TrainingListener.all(listeners));
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private TrainResult result(
      LanguageModelConfiguration configuration,
      Perplexity validation,
      Perplexity unigram,
      Watch watch,
      double seconds) {
    return new TrainResult(
        validation.total(),
        byCluster(validation),
        unigram.total(),
        byCluster(unigram),
        watch.last == null ? 0 : watch.last.wordsPerSecond(),
        seconds,
        configuration.vocabulary(),
        configuration.plan().cutoffs(),
        softmax.name().toLowerCase(Locale.ROOT),
        epochs,
        "",
        null);
  }

  /** Perplexities by cluster; null where a cluster has no word. */
  static List<@Nullable Double> byCluster(Perplexity perplexity) {
    List<@Nullable Double> values = new ArrayList<>();
    for (double value : perplexity.byCluster()) {
      values.add(Double.isNaN(value) ? null : value);
    }
    return values;
  }

  private TrainResult export(
      LanguageModelTrainer trainer,
      LanguageModelConfiguration configuration,
      Vocabulary vocabulary,
      TrainResult result)
      throws IOException {
    Path temporary = Files.createTempDirectory("adaptive-softmax-weights");
    try {
      Path weights = temporary.resolve("weights");
      trainer.save(weights);
      LanguageModelExporter.Builder exporter =
          LanguageModelExporter.builder(configuration, vocabulary).provenance(provenance(result));
      ModelDirectory directory = new ModelDirectory(out);
      if (tailWeights == TailWeights.FLOAT32) {
        return result.at(exporter.build().publish(directory, weights), null);
      }
      Path float32 =
          exporter.build().publish(new ModelDirectory(temporary.resolve("float32")), weights);
      Path model = exporter.tailWeights(tailWeights).build().publish(directory, weights);
      System.err.println("measuring what " + TailWeightsOption.name(tailWeights) + " tails cost");
      return result.at(
          model,
          TailWeightsCost.ofSize(tailWeights, model, float32)
              .on(corpus.part(Split.VALIDATION), model, float32));
    } finally {
      FileTree.delete(temporary);
    }
  }

  private Map<String, Object> provenance(TrainResult result) {
    Map<String, Object> provenance = new LinkedHashMap<>();
    provenance.put("corpus", corpus.name());
    provenance.put("precision", precision.name().toLowerCase(Locale.ROOT));
    provenance.put("epochs", epochs);
    provenance.put("seed", seed);
    provenance.put("validation_perplexity", result.perplexity());
    provenance.put("unigram_perplexity", result.unigramPerplexity());
    provenance.put("train_seconds", result.trainSeconds());
    return provenance;
  }
}
