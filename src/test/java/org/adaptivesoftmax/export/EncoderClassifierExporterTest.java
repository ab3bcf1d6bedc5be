package org.adaptivesoftmax.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.adaptivesoftmax.model.EncoderClassifier;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.PublishedVersion;
import org.adaptivesoftmax.text.EncoderGolden;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.text.Labels;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** A classifier with an encoder, exported, against PyTorch's states and a head in plain Java. */
class EncoderClassifierExporterTest {
  private static final int CLASSES = 3;
  private static final int K = 2;

  /** The texts of the golden sequences, whose length of 48 is the most there is. */
  private static final int[] TEXTS = {3, 4, 6, 7, 11, 0, 22, 18};

  @TempDir private Path directory;
  private PretrainedEncoder pretrained;
  private Labels labels;
  private double[] head;

  @BeforeEach
  void read() throws IOException {
    pretrained = PretrainedEncoder.read(EncoderGolden.directory());
    Path examples =
        Files.writeString(directory.resolve("examples.tsv"), "no\ta\nperhaps\tb\nyes\tc\n");
    labels = Labels.of(LabelledCorpus.ofFile(examples));
    head = new Random(2).doubles(24 * CLASSES, -1, 1).toArray();
  }

  private EncoderClassifierConfiguration configuration(int maxLength) {
    return EncoderClassifierConfiguration.builder(pretrained.configuration())
        .classes(CLASSES)
        .maxLength(maxLength)
        .build();
  }

  private Path export(int maxLength) throws IOException {
    Path weights = directory.resolve("weights");
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      EncoderClassifier model = EncoderClassifier.create(tf, configuration(maxLength));
      float[][] values = new float[CLASSES][24];
      for (int i = 0; i < head.length; i++) {
        values[i / 24][i % 24] = (float) head[i];
      }
      session.initialize();
      pretrained.load(session, model.encoder());
      session.run(
          tf.assign(model.outputVariables().get(0), tf.constant(StdArrays.ndCopyOf(values))));
      session.save(weights.toString());
    }
    Path version =
        EncoderClassifierExporter.builder(configuration(maxLength), pretrained.tokenizer(), labels)
            .topK(K)
            .build()
            .publish(new ModelDirectory(directory.resolve("model")), weights);
    // A loader feeds the assets' places: none may stay where it was.
    Path moved = directory.resolve("moved").resolve("1");
    Files.createDirectories(moved.getParent());
    return Files.move(version, moved);
  }

  private double[] logProbs(double[] mean) {
    double[] logits = new double[CLASSES];
    for (int i = 0; i < head.length; i++) {
      logits[i / 24] += head[i] * mean[i % 24];
    }
    double sum = Arrays.stream(logits).map(Math::exp).sum();
    return Arrays.stream(logits).map(logit -> logit - Math.log(sum)).toArray();
  }

  private void assertAnswer(Result result, int row, double[] mean) {
    double[] expected = logProbs(mean);
    List<Integer> best =
        IntStream.range(0, CLASSES)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -expected[i]))
            .toList();
    TString classes = (TString) result.get("classes").orElseThrow();
    TFloat32 values = (TFloat32) result.get("log_probs").orElseThrow();
    for (int j = 0; j < K; j++) {
      assertThat(classes.getObject(row, j)).isEqualTo(labels.names().get(best.get(j)));
      assertThat((double) values.getFloat(row, j)).isCloseTo(expected[best.get(j)], within(1e-4));
    }
  }

  private static TString tensor(List<String> texts) {
    return TString.tensorOf(
        StandardCharsets.UTF_8,
        Shape.of(texts.size()),
        DataBuffers.ofObjects(texts.toArray(String[]::new)));
  }

  @Test
  void textsAndTokensAreAnsweredAsByPyTorch() throws IOException {
    List<double[]> means = EncoderGolden.rows("means");
    List<String> all = EncoderGolden.texts();
    List<String> texts = Arrays.stream(TEXTS).mapToObj(all::get).toList();
    Path version = export(48);
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString())) {
      try (TString text = tensor(texts);
          Result result = bundle.function(Signature.DEFAULT_KEY).call(Map.of("text", text))) {
        for (int row = 0; row < texts.size(); row++) {
          assertAnswer(result, row, means.get(row));
        }
      }
      try (TString text = tensor(List.of());
          Result result = bundle.function(Signature.DEFAULT_KEY).call(Map.of("text", text))) {
        assertThat(result.get(0).shape()).isEqualTo(Shape.of(0, K));
      }
      assertTokens(bundle, means);
    }
    assertThat(
            PublishedVersion.check(new ModelDirectory(version.getParent()), false)
                .graph()
                .signatures())
        .containsOnlyKeys(Signature.DEFAULT_KEY, "classify", "tokens");
  }

  /** The last of the texts has an id that is no token's, and is answered alone. */
  private void assertTokens(SavedModelBundle bundle, List<double[]> means) throws IOException {
    List<int[]> sequences = new ArrayList<>(EncoderGolden.ids("sequences"));
    sequences.add(new int[] {3, 100_000, 4});
    int time = sequences.stream().mapToInt(row -> row.length).max().orElseThrow();
    long[][] ids = new long[sequences.size()][time];
    long[][] mask = new long[sequences.size()][time];
    for (int row = 0; row < ids.length; row++) {
      for (int i = 0; i < sequences.get(row).length; i++) {
        ids[row][i] = sequences.get(row)[i];
        mask[row][i] = 1;
      }
    }
    try (TInt64 inputIds = TInt64.tensorOf(StdArrays.ndCopyOf(ids));
        TInt64 attentionMask = TInt64.tensorOf(StdArrays.ndCopyOf(mask));
        Result result =
            bundle
                .function("tokens")
                .call(Map.of("input_ids", inputIds, "attention_mask", attentionMask))) {
      for (int row = 0; row < means.size(); row++) {
        assertAnswer(result, row, means.get(row));
      }
      assertThat(((TFloat32) result.get("log_probs").orElseThrow()).getFloat(means.size(), 0))
          .isNaN();
      assertThat(((TString) result.get("classes").orElseThrow()).getObject(means.size(), 0))
          .isEmpty();
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> configuration(49))
        .withMessage("maxLength must be in 3..48 (the encoder's positions): 49");
    EncoderClassifierConfiguration other =
        EncoderClassifierConfiguration.builder(pretrained.configuration()).classes(4).build();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> EncoderClassifierExporter.builder(other, pretrained.tokenizer(), labels).build())
        .withMessage("labels must be the configuration's 4: 3");
    EncoderClassifierConfiguration padding =
        EncoderClassifierConfiguration.builder(pretrained.configuration())
            .classes(CLASSES)
            .padding(1)
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                EncoderClassifierExporter.builder(padding, pretrained.tokenizer(), labels).build())
        .withMessage("padding must be the tokenizer's 0: 1");
  }
}
