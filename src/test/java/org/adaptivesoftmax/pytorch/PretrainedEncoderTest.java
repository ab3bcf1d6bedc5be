package org.adaptivesoftmax.pytorch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.FileTree;
import org.adaptivesoftmax.model.EncoderConfiguration;
import org.adaptivesoftmax.model.EncoderConfiguration.Pooling;
import org.adaptivesoftmax.model.TransformerEncoder;
import org.adaptivesoftmax.text.EncoderGolden;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** The encoder with pretrained weights against PyTorch's. */
class PretrainedEncoderTest {
  private static final double TOLERANCE = 1e-5;

  @TempDir private Path temporary;
  private Path directory;

  @BeforeEach
  void copy() throws IOException {
    directory = Files.createDirectory(temporary.resolve("encoder"));
    for (String file : List.of("config.json", "model.safetensors", "vocab.txt")) {
      Files.copy(EncoderGolden.directory().resolve(file), directory.resolve(file));
    }
  }

  /** The encoder in a session. */
  private static final class Loaded implements AutoCloseable {
    private final Graph graph = new Graph();
    private final Session session = new Session(graph);
    private final Placeholder<TInt32> ids;
    private final Operand<TFloat32> states;
    private final Operand<TFloat32> pooled;

    Loaded(Path directory) throws IOException {
      PretrainedEncoder pretrained = PretrainedEncoder.read(directory);
      Ops tf = Ops.create(graph);
      TransformerEncoder encoder = TransformerEncoder.create(tf, pretrained.configuration(), 1);
      ids = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, -1)));
      Operand<TFloat32> mask =
          tf.dtypes.cast(tf.math.notEqual(ids, tf.constant(0)), TFloat32.class);
      states = encoder.states(tf, ids, mask);
      pooled = encoder.pooled(tf, ids, mask);
      session.initialize();
      pretrained.load(session, encoder);
    }

    /** One row of values for each sequence, those of padding included. */
    double[][] run(Operand<TFloat32> of, List<int[]> sequences) {
      int time = sequences.stream().mapToInt(row -> row.length).max().orElseThrow();
      int[][] padded =
          sequences.stream().map(row -> Arrays.copyOf(row, time)).toArray(int[][]::new);
      try (TInt32 batch = TInt32.tensorOf(StdArrays.ndCopyOf(padded));
          Result result = session.runner().feed(ids, batch).fetch(of).run()) {
        TFloat32 values = (TFloat32) result.get(0);
        float[] flat = new float[(int) values.size()];
        values.asRawTensor().data().asFloats().read(flat);
        double[][] rows = new double[padded.length][flat.length / padded.length];
        for (int i = 0; i < flat.length; i++) {
          rows[i / rows[0].length][i % rows[0].length] = flat[i];
        }
        return rows;
      }
    }

    @Override
    public void close() {
      session.close();
      graph.close();
    }
  }

  private static void assertClose(double[] actual, double[] expected) {
    assertThat(Arrays.copyOf(actual, expected.length)).containsExactly(expected, within(TOLERANCE));
  }

  @Test
  void statesAreThoseOfPyTorch() throws IOException {
    List<int[]> sequences = EncoderGolden.ids("sequences");
    try (Loaded loaded = new Loaded(directory)) {
      double[][] states = loaded.run(loaded.states, sequences);
      double[][] means = loaded.run(loaded.pooled, sequences);
      for (int i = 0; i < sequences.size(); i++) {
        assertClose(states[i], EncoderGolden.rows("states").get(i));
        assertClose(means[i], EncoderGolden.rows("means").get(i));
      }
    }
  }

  @Test
  void paddingChangesNoRow() throws IOException {
    List<int[]> sequences = EncoderGolden.ids("sequences");
    try (Loaded loaded = new Loaded(directory)) {
      double[][] together = loaded.run(loaded.pooled, sequences);
      for (int i = 0; i < sequences.size(); i++) {
        double[] alone = loaded.run(loaded.pooled, List.of(sequences.get(i)))[0];
        assertThat(together[i]).containsExactly(alone, within(TOLERANCE));
      }
      double[] nothing = loaded.run(loaded.pooled, List.of(new int[5]))[0];
      assertThat(nothing).doesNotContain(Double.NaN);
    }
  }

  @Test
  void theFirstTokenCanStandForItsText() throws IOException {
    Files.createDirectory(directory.resolve("1_Pooling"));
    Files.writeString(
        directory.resolve("1_Pooling/config.json"), "{\"pooling_mode_cls_token\": true}");
    assertThat(PretrainedEncoder.read(directory).configuration().pooling())
        .isEqualTo(Pooling.FIRST_TOKEN);
    try (Loaded loaded = new Loaded(directory)) {
      double[][] pooled = loaded.run(loaded.pooled, EncoderGolden.ids("sequences"));
      assertThat(pooled[0]).hasSize(24);
      assertClose(pooled[0], Arrays.copyOf(EncoderGolden.rows("states").get(0), 24));
    }
  }

  @Test
  void anOnnxExportGivesTheSameEncoder() throws IOException {
    Path onnx = temporary.resolve("encoder.onnx");
    OnnxBytes.write(onnx, directory.resolve("model.safetensors"));
    Path tokenizer = Files.writeString(temporary.resolve("tokenizer.json"), tokenizerJson());
    Path converted = temporary.resolve("deep/converted");
    OnnxEncoder.convert(onnx, tokenizer, 4, converted);

    EncoderConfiguration configuration = PretrainedEncoder.read(converted).configuration();
    assertThat(configuration).isEqualTo(PretrainedEncoder.read(directory).configuration());
    try (Loaded loaded = new Loaded(converted)) {
      double[][] means = loaded.run(loaded.pooled, EncoderGolden.ids("sequences"));
      for (int i = 0; i < means.length; i++) {
        assertClose(means[i], EncoderGolden.rows("means").get(i));
      }
    }
  }

  private String tokenizerJson() throws IOException {
    List<String> pieces = Files.readAllLines(directory.resolve("vocab.txt"));
    StringBuilder vocabulary = new StringBuilder();
    for (int id = 0; id < pieces.size(); id++) {
      String piece = pieces.get(id).replace("\\", "\\\\").replace("\"", "\\\"");
      vocabulary.append(id == 0 ? "" : ",").append('"').append(piece).append("\":").append(id);
    }
    return """
        {"model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                   "max_input_chars_per_word": 100, "vocab": {VOCABULARY}},
         "normalizer": {"type": "BertNormalizer"}, "pre_tokenizer": {"type": "BertPreTokenizer"}}
        """
        .replace("VOCABULARY", vocabulary);
  }

  @Test
  void whatIsNoOnnxEncoderIsRefused() throws IOException {
    Path tokenizer = Files.writeString(temporary.resolve("tokenizer.json"), tokenizerJson());
    Path onnx = temporary.resolve("encoder.onnx");
    Path converted = temporary.resolve("converted");
    OnnxBytes.write(onnx, directory.resolve("model.safetensors"));
    byte[] whole = Files.readAllBytes(onnx);
    Map<String, byte[]> wrong =
        Map.of(
            "no ONNX file", new byte[0],
            "a damaged one", Arrays.copyOf(whole, whole.length / 2),
            "no BERT encoder: it has no tensor", OnnxBytes.empty());
    for (Map.Entry<String, byte[]> content : wrong.entrySet()) {
      Files.write(onnx, content.getValue());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> OnnxEncoder.convert(onnx, tokenizer, 4, converted))
          .withMessageStartingWith(onnx + ": ")
          .withMessageContaining(content.getKey());
      assertThat(converted).doesNotExist();
    }
    Files.write(onnx, whole);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OnnxEncoder.convert(onnx, tokenizer, 5, converted))
        .withMessage(onnx + ": heads must divide the width 24: 5");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "model_type": "bert"          | "model_type": "roberta"       | config.json: model_type must be bert: "roberta"
          "hidden_act": "gelu"          | "hidden_act": "relu"          | config.json: hidden_act must be gelu: "relu"
          "num_attention_heads": 4      | "num_attention_heads": 7      | config.json: heads must divide the width 24: 7
          "num_hidden_layers": 3        | "num_hidden_layers": "3"      | config.json: num_hidden_layers must be a whole number: "3"
          "num_hidden_layers": 3        | "num_hidden_layers": 4        | no tensor is named encoder.layer.3.attention.self.query.weight
          "intermediate_size": 40       | "intermediate_size": 41       | must have the shape [41, 24] of config.json: [40, 24]
          "vocab_size": 238             | "vocab_size": 100             | the tokenizer has 238 pieces, and config.json a vocab_size of 100
          "model_type"                  | model_type                    | config.json: not JSON: Unexpected character
          """)
  void aForeignConfigurationIsRefused(String part, String other, String problem)
      throws IOException {
    Path file = directory.resolve("config.json");
    String content = Files.readString(file);
    assertThat(content).contains(part);
    Files.writeString(file, content.replace(part, other));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedEncoder.read(directory))
        .withMessageContaining(directory.toString())
        .withMessageContaining(problem);
  }

  @Test
  void missingAndDamagedFilesAreNamed() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedEncoder.read(temporary.resolve("none")))
        .withMessage("no such directory: " + temporary.resolve("none"));
    Path weights = directory.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(whole, whole.length - 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedEncoder.read(directory))
        .withMessageStartingWith(weights + ": ");
    Files.delete(weights);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedEncoder.read(directory))
        .withMessage(directory + ": no model.safetensors");
    FileTree.delete(directory.resolve("config.json"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PretrainedEncoder.read(directory))
        .withMessage(directory + ": no config.json");
  }
}
