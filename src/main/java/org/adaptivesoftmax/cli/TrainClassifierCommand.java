package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.text.NGramVocabulary;
import org.adaptivesoftmax.text.Split;
import org.adaptivesoftmax.training.ClassifierData;
import org.adaptivesoftmax.training.ClassifierLoss;
import org.adaptivesoftmax.training.ClassifierTraining;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a text classifier and exports it. */
@Command(
    name = "train-classifier",
    description = {
      "Train a text classifier on files of one label<TAB>text a line, and export it.",
      "With --train alone, 5 %% of its lines each are held back for validation and test."
    })
final class TrainClassifierCommand implements Callable<CommandResult> {
  @Option(
      names = "--train",
      paramLabel = "FILE",
      converter = InputFile.class,
      description =
          "Examples to learn from (default: WordNet's definitions, to be told apart by their 45"
              + " lexicographer files).")
  private @Nullable Path train;

  @Option(
      names = "--validation",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "Examples that training is judged by after each epoch.")
  private @Nullable Path validation;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "Examples that the classifier is judged by in the end.")
  private @Nullable Path test;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Model directory; the model becomes its next version (default:"
              + " savedmodels/wordnet-classifier, or savedmodels/classifier with --train, in the"
              + " project).")
  private @Nullable Path out;

  @Option(
      names = "--loss",
      paramLabel = "KIND",
      description = "softmax or as-softmax (default: ${DEFAULT-VALUE}).")
  private String loss = "softmax";

  @Mixin private final AsSoftmaxOptions asSoftmax = new AsSoftmaxOptions();

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the examples at most (default: ${DEFAULT-VALUE}).")
  private int epochs = ClassifierTraining.DEFAULT_EPOCHS;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description =
          "Stop after N epochs without a better validation accuracy (default: ${DEFAULT-VALUE}).")
  private int patience = ClassifierTraining.DEFAULT_PATIENCE;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Examples of a batch (default: ${DEFAULT-VALUE}).")
  private int batch = ClassifierTraining.DEFAULT_BATCH;

  @Option(
      names = "--learning-rate",
      paramLabel = "R",
      description =
          "Adam's learning rate; it falls to a tenth in the end (default: ${DEFAULT-VALUE}).")
  private double learningRate = ClassifierTraining.DEFAULT_LEARNING_RATE;

  @Option(
      names = "--embedding",
      paramLabel = "N",
      description = "Width of an n-gram's row (default: ${DEFAULT-VALUE}).")
  private int embedding = TextClassifierConfiguration.DEFAULT_EMBEDDING;

  @Option(
      names = "--hidden",
      paramLabel = "N",
      description = "Width of the hidden layer (default: ${DEFAULT-VALUE}).")
  private int hidden = TextClassifierConfiguration.DEFAULT_HIDDEN;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      description = "Probability that a value is dropped in training (default: ${DEFAULT-VALUE}).")
  private double dropout = TextClassifierConfiguration.DEFAULT_DROPOUT;

  @Option(
      names = "--max-vocabulary",
      paramLabel = "N",
      description = "Keep the N most frequent n-grams (default: ${DEFAULT-VALUE}).")
  private int maxVocabulary = NGramVocabulary.DEFAULT_MAX_SIZE;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of every random choice (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "Classes of an answer of the exported model (default: 5, or all if fewer).")
  private @Nullable Integer top;

  @Override
  public CommandResult call() throws Exception {
    ClassifierTraining training = training();
    LabelledCorpus corpus = train == null ? LabelledCorpus.wordNet() : LabelledCorpus.ofFile(train);
    ClassifierData data = data(corpus);
    return new ClassifierRun(
            corpus.name(), data, configuration(data), training, outDirectory(), top)
        .call();
  }

  private ClassifierTraining training() {
    return ClassifierTraining.builder()
        .batch(batch)
        .epochs(epochs)
        .patience(patience)
        .learningRate(learningRate)
        .loss(loss())
        .build();
  }

  private ClassifierLoss loss() {
    return switch (loss) {
      case "softmax" -> asSoftmax.none();
      case "as-softmax" -> asSoftmax.loss();
      default ->
          throw new IllegalArgumentException("--loss must be softmax or as-softmax: " + loss);
    };
  }

  private ClassifierData data(LabelledCorpus corpus) throws IOException {
    if (validation != null && test != null && train != null) {
      return ClassifierData.read(
          corpus, LabelledCorpus.ofFile(validation), LabelledCorpus.ofFile(test), maxVocabulary);
    }
    if (validation != null || test != null) {
      throw new IllegalArgumentException(
          "--train, --validation and --test go together: missing "
              + (train == null ? "--train" : validation == null ? "--validation" : "--test"));
    }
    return ClassifierData.read(
        corpus.part(Split.TRAIN),
        corpus.part(Split.VALIDATION),
        corpus.part(Split.TEST),
        maxVocabulary);
  }

  private TextClassifierConfiguration configuration(ClassifierData data) {
    return TextClassifierConfiguration.builder()
        .ngrams(data.vocabulary().size())
        .classes(data.labels().size())
        .embedding(embedding)
        .hidden(hidden)
        .dropout(dropout)
        .seed(seed)
        .build();
  }

  private Path outDirectory() {
    return out != null
        ? out
        : Path.of(System.getProperty("adaptivesoftmax.home", ""), "savedmodels")
            .resolve(train == null ? "wordnet-classifier" : "classifier");
  }
}
