package org.adaptivesoftmax.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.cli.FirstSession.Threaded;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.model.EncoderConfiguration;
import org.adaptivesoftmax.model.TextClassifierConfiguration;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.text.NGramVocabulary;
import org.adaptivesoftmax.text.Split;
import org.adaptivesoftmax.text.WordPieceTokenizer;
import org.adaptivesoftmax.training.ClassifierData;
import org.adaptivesoftmax.training.ClassifierLoss;
import org.adaptivesoftmax.training.ClassifierLoss.Kind;
import org.adaptivesoftmax.training.ClassifierTraining;
import org.adaptivesoftmax.training.EncoderData;
import org.adaptivesoftmax.training.EncoderData.Corpora;
import org.adaptivesoftmax.training.EncoderOptimizer;
import org.adaptivesoftmax.training.EncoderTraining;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** Trains a text classifier and exports it. */
@Command(
    name = "train-classifier",
    description = {
      "Train a text classifier on files of one label<TAB>text a line, and export it.",
      "With --train alone, 5 %% of its lines each are held back for validation and test."
    })
final class TrainClassifierCommand implements Callable<CommandResult>, Threaded {
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
      converter = Choice.OfLoss.class,
      completionCandidates = Choice.OfLoss.class,
      description =
          "What is minimised: softmax, as-softmax, sparsemax (Martins and Astudillo, 2016), entmax15"
              + " (Peters et al., 2019) or focal (Lin et al., 2017, with gamma 2) (default: softmax).")
  private Kind loss = Kind.SOFTMAX;

  @Mixin private final AsSoftmaxOptions asSoftmax = new AsSoftmaxOptions();

  @Mixin
  private final LearningOptions learning =
      new LearningOptions(
          ClassifierTraining.DEFAULT_EPOCHS,
          ClassifierTraining.DEFAULT_BATCH,
          ClassifierTraining.DEFAULT_LEARNING_RATE,
          TextClassifierConfiguration.DEFAULT_DROPOUT);

  @Mixin private final EncoderOptions encoder = new EncoderOptions();

  @Mixin private final CheckpointOptions checkpoints = new CheckpointOptions();

  @Spec private CommandSpec spec;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description =
          "Stop after N epochs without a better validation accuracy (default: ${DEFAULT-VALUE}).")
  private int patience = ClassifierTraining.DEFAULT_PATIENCE;

  @Mixin
  private final NetworkOptions network =
      new NetworkOptions(
          TextClassifierConfiguration.DEFAULT_EMBEDDING,
          TextClassifierConfiguration.DEFAULT_HIDDEN);

  @Option(
      names = "--max-vocabulary",
      paramLabel = "N",
      description = "Keep the N most frequent n-grams (default: ${DEFAULT-VALUE}).")
  private int maxVocabulary = NGramVocabulary.DEFAULT_MAX_SIZE;

  @Option(
      names = "--calibrate",
      description =
          "Divide the logits by the temperature that makes the validation labels most probable (Guo"
              + " et al., 2017): the same classes with truer probabilities.")
  private boolean calibrate;

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "Classes of an answer of the exported model (default: 5, or all if fewer).")
  private @Nullable Integer top;

  @Override
  public int threads() {
    return learning.threads();
  }

  @Override
  public CommandResult call() throws Exception {
    ParseResult given = spec.commandLine().getParseResult();
    encoder.check(given);
    String pretrained = encoder.encoder();
    ClassifierLoss minimised = asSoftmax.loss(loss);
    return pretrained == null ? bagOfNGrams(minimised) : fineTune(pretrained, minimised, given);
  }

  private CommandResult bagOfNGrams(ClassifierLoss minimised)
      throws IOException, InterruptedException {
    TextClassifierConfiguration.Builder model =
        TextClassifierConfiguration.builder()
            .embedding(network.embedding())
            .hidden(network.hidden())
            .dropout(learning.dropout())
            .seed(learning.seed());
    ClassifierTraining training =
        ClassifierTraining.builder()
            .batch(learning.batch())
            .epochs(learning.epochs())
            .patience(LearningOptions.atLeast1("--patience", patience))
            .learningRate(learning.learningRate())
            .loss(minimised)
            .build();
    LearningOptions.atLeast1("--max-vocabulary", maxVocabulary);
    ModelDirectory directory = OutputDirectory.ofModel(outDirectory());
    Corpora corpora = corpora();
    ClassifierData data =
        ClassifierData.read(corpora.train(), corpora.validation(), corpora.test(), maxVocabulary);
    model.ngrams(data.vocabulary().size()).classes(data.labels().size());
    return new ClassifierRun(name(), data, model.build(), training, directory, calibrate, top)
        .call();
  }

  private CommandResult fineTune(String value, ClassifierLoss minimised, ParseResult given)
      throws IOException, InterruptedException {
    EncoderTraining training = encoderTraining(minimised, given);
    EncoderRun.Destination destination =
        new EncoderRun.Destination(OutputDirectory.ofModel(outDirectory()), top, checkpoints);
    destination.check();
    PretrainedEncoder pretrained = NamedEncoder.read(value);
    EncoderClassifierConfiguration.Builder model = encoderModel(pretrained, given);
    int longest = model.classes(2).build().maxLength(); // checked before texts are read
    EncoderData data = EncoderData.read(corpora(), pretrained.tokenizer(), longest);
    model.classes(data.labels().size());
    return new EncoderRun(name(), pretrained, data, model.build(), training, calibrate, destination)
        .call();
  }

  /** An encoder's defaults are its own. */
  private EncoderTraining encoderTraining(ClassifierLoss minimised, ParseResult given) {
    return encoder
        .training(
            given.hasMatchedOption("--learning-rate")
                ? learning.learningRate()
                : EncoderOptimizer.DEFAULT_RATE)
        .batch(given.hasMatchedOption("--batch") ? learning.batch() : EncoderTraining.DEFAULT_BATCH)
        .epochs(
            given.hasMatchedOption("--epochs") ? learning.epochs() : EncoderTraining.DEFAULT_EPOCHS)
        .patience(LearningOptions.atLeast1("--patience", patience))
        .loss(minimised)
        .build();
  }

  private EncoderClassifierConfiguration.Builder encoderModel(
      PretrainedEncoder pretrained, ParseResult given) {
    EncoderConfiguration network = pretrained.configuration();
    EncoderClassifierConfiguration.Builder model =
        EncoderClassifierConfiguration.builder(network)
            .maxLength(encoder.maxLength(network.embeddings().positions()))
            .padding(pretrained.tokenizer().id(WordPieceTokenizer.PADDING))
            .seed(learning.seed());
    return given.hasMatchedOption("--dropout") ? model.dropout(learning.dropout()) : model;
  }

  private String name() throws IOException {
    return corpus().name();
  }

  private LabelledCorpus corpus() throws IOException {
    return train == null ? LabelledCorpus.wordNet() : LabelledCorpus.ofFile(train);
  }

  private Corpora corpora() throws IOException {
    LabelledCorpus corpus = corpus();
    if (validation != null && test != null && train != null) {
      return new Corpora(corpus, LabelledCorpus.ofFile(validation), LabelledCorpus.ofFile(test));
    }
    if (validation != null || test != null) {
      throw new IllegalArgumentException(
          "--train, --validation and --test go together: missing "
              + (train == null ? "--train" : validation == null ? "--validation" : "--test"));
    }
    return new Corpora(
        corpus.part(Split.TRAIN), corpus.part(Split.VALIDATION), corpus.part(Split.TEST));
  }

  private Path outDirectory() {
    return out != null
        ? out
        : Path.of(System.getProperty("adaptivesoftmax.home", ""), "savedmodels")
            .resolve(train == null ? "wordnet-classifier" : "classifier");
  }
}
