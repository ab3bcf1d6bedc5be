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
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.adaptivesoftmax.model.EncoderClassifierConfiguration;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.PublishedVersion;
import org.adaptivesoftmax.text.EncoderGolden;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** A classifier with an encoder, exported, against PyTorch's states and a head in plain Java. */
class EncoderClassifierExporterTest {
  private static final int K = 2;

  /** The texts of the golden sequences, whose length of 48 is the most there is. */
  private static final int[] TEXTS = {3, 4, 6, 7, 11, 0, 22, 18};

  @TempDir private Path directory;
  private TinyEncoderClassifier model;

  @BeforeEach
  void read() throws IOException {
    model = TinyEncoderClassifier.create(directory);
  }

  private Path export(int maxLength) throws IOException {
    Path version = model.export(directory, maxLength, K);
    // A loader feeds the assets' places: none may stay where it was.
    Path moved = directory.resolve("moved").resolve("1");
    Files.createDirectories(moved.getParent());
    return Files.move(version, moved);
  }

  private void assertAnswer(Result result, int row, double[] mean) {
    double[] expected = model.logProbs(mean);
    List<Integer> best = TinyEncoderClassifier.best(expected);
    TString classes = (TString) result.get("classes").orElseThrow();
    TFloat32 values = (TFloat32) result.get("log_probs").orElseThrow();
    for (int j = 0; j < K; j++) {
      assertThat(classes.getObject(row, j)).isEqualTo(model.labels().names().get(best.get(j)));
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

  /** Padding, of whatever length, changes no answer. */
  @Test
  void aTextIsAnsweredTheSameInWhateverCompany() throws IOException {
    List<String> texts =
        List.of("fox", "", "hello a b c", "hello ".repeat(60), "a , b ! c ? d", "word word");
    Path version = export(48);
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString());
        TString all = tensor(texts);
        Result together = bundle.function(Signature.DEFAULT_KEY).call(Map.of("text", all))) {
      TFloat32 expected = (TFloat32) together.get("log_probs").orElseThrow();
      for (int row = 0; row < texts.size(); row++) {
        try (TString one = tensor(List.of(texts.get(row)));
            Result alone = bundle.function(Signature.DEFAULT_KEY).call(Map.of("text", one))) {
          TFloat32 found = (TFloat32) alone.get("log_probs").orElseThrow();
          for (int j = 0; j < K; j++) {
            assertThat(found.getFloat(0, j)).isCloseTo(expected.getFloat(row, j), within(1e-5f));
          }
        }
      }
    }
  }

  @Test
  void aBatchOfEmptyTextsIsAnswered() throws IOException {
    double[] mean = EncoderGolden.rows("means").get(indexOfNoText());
    Path version = export(48);
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString());
        TString texts = tensor(List.of("", " ", "\t\n"));
        Result result = bundle.function(Signature.DEFAULT_KEY).call(Map.of("text", texts))) {
      for (int row = 0; row < 3; row++) {
        assertAnswer(result, row, mean);
      }
    }
  }

  /** The golden sequence that is a start and an end alone. */
  private static int indexOfNoText() throws IOException {
    List<int[]> sequences = EncoderGolden.ids("sequences");
    return IntStream.range(0, sequences.size())
        .filter(i -> sequences.get(i).length == 2)
        .findFirst()
        .orElseThrow();
  }

  /** One text has more tokens than the 48 positions, the other only more padding. */
  @Test
  void tokensBeyondThePositionsAreAnsweredAlone() throws IOException {
    int[] sequence = EncoderGolden.ids("sequences").get(0);
    long[][] ids = new long[2][60];
    long[][] mask = new long[2][60];
    Arrays.fill(ids[0], 5);
    Arrays.fill(mask[0], 1);
    for (int i = 0; i < sequence.length; i++) {
      ids[1][i] = sequence[i];
      mask[1][i] = 1;
    }
    Path version = export(48);
    try (SavedModelBundle bundle = SavedModelBundle.load(version.toString());
        TInt64 inputIds = TInt64.tensorOf(StdArrays.ndCopyOf(ids));
        TInt64 attentionMask = TInt64.tensorOf(StdArrays.ndCopyOf(mask));
        Result result =
            bundle
                .function("tokens")
                .call(Map.of("input_ids", inputIds, "attention_mask", attentionMask))) {
      assertThat(((TFloat32) result.get("log_probs").orElseThrow()).getFloat(0, 0)).isNaN();
      assertThat(((TString) result.get("classes").orElseThrow()).getObject(0, 0)).isEmpty();
      assertAnswer(result, 1, EncoderGolden.rows("means").get(0));
    }
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
        .isThrownBy(() -> model.configuration(49))
        .withMessage("maxLength must be in 3..48 (the encoder's positions): 49");
    EncoderClassifierConfiguration other =
        EncoderClassifierConfiguration.builder(model.pretrained().configuration())
            .classes(4)
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                EncoderClassifierExporter.builder(
                        other, model.pretrained().tokenizer(), model.labels())
                    .build())
        .withMessage("labels must be the configuration's 4: 3");
    EncoderClassifierConfiguration padding =
        EncoderClassifierConfiguration.builder(model.pretrained().configuration())
            .classes(TinyEncoderClassifier.CLASSES)
            .padding(1)
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                EncoderClassifierExporter.builder(
                        padding, model.pretrained().tokenizer(), model.labels())
                    .build())
        .withMessage("padding must be the tokenizer's 0: 1");
  }
}
