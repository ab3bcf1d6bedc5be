package org.adaptivesoftmax.pytorch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.adaptivesoftmax.internal.io.OptionalLibrary;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.internal.io.SourceFile;
import org.adaptivesoftmax.model.EncoderConfiguration;
import org.adaptivesoftmax.model.TransformerEncoder;
import org.adaptivesoftmax.pytorch.Safetensors.TensorInfo;
import org.adaptivesoftmax.text.WordPieceTokenizer;
import org.tensorflow.Session;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * A pretrained BERT encoder in a directory as Hugging Face has it: {@code config.json}, {@code model.safetensors}, and
 * {@code tokenizer.json} or {@code vocab.txt}. Of a Sentence Transformers model, {@code 1_Pooling/config.json} says how a
 * text's states become one; else it is their mean.
 *
 * <pre>{@code
 * PretrainedEncoder pretrained = PretrainedEncoder.read(directory);
 * TransformerEncoder encoder = TransformerEncoder.create(tf, pretrained.configuration(), 0);
 * session.initialize();
 * pretrained.load(session, encoder);
 * }</pre>
 *
 * <p>Needs Jackson ({@code jackson-databind}), an optional dependency of this library.
 *
 * @param directory where it lies
 * @param configuration of the encoder
 * @param tokenizer of its texts
 */
public record PretrainedEncoder(
    Path directory, EncoderConfiguration configuration, WordPieceTokenizer tokenizer) {
  static final String CONFIGURATION = "config.json";
  static final String WEIGHTS = "model.safetensors";

  private static final String WORDS = "embeddings.word_embeddings.weight";

  /**
   * Reads all but the weights, whose names and shapes are checked.
   *
   * @param directory where the encoder lies
   * @throws IllegalArgumentException if it is no directory, a file is missing or malformed, the architecture is another than
   *     BERT's, or a tensor is missing or has another shape; one line names the file and what is wrong with it
   * @throws org.adaptivesoftmax.text.TextFileException if the tokenizer's file is missing or another tokenizer's
   * @throws IllegalStateException if Jackson is not on the class path
   * @throws IOException if a file cannot be read
   */
  public static PretrainedEncoder read(Path directory) throws IOException {
    OptionalLibrary.JACKSON.require("a pretrained encoder");
    Require.argument(Files.isDirectory(directory), "no such directory: %s", directory);
    for (String file : new String[] {CONFIGURATION, WEIGHTS}) {
      Require.argument(Files.exists(directory.resolve(file)), "%s: no %s", directory, file);
    }
    EncoderConfiguration configuration = EncoderJson.read(directory);
    WordPieceTokenizer tokenizer = WordPieceTokenizer.read(directory);
    int pieces = tokenizer.pieces().size();
    Require.argument(
        pieces <= configuration.embeddings().vocabulary(),
        "%s: the tokenizer has %d pieces, and %s a vocab_size of %d",
        directory,
        pieces,
        CONFIGURATION,
        configuration.embeddings().vocabulary());
    PretrainedEncoder encoder = new PretrainedEncoder(directory, configuration, tokenizer);
    try (Safetensors file = Safetensors.open(encoder.weights())) {
      EncoderShapes.require(file, encoder.tensors(file), configuration);
    }
    return encoder;
  }

  /**
   * Gives an encoder's variables the pretrained values, converted to float32. It is quickest before anything else is in the
   * graph.
   *
   * @param session of the encoder's graph; {@link Session#initialize} comes before
   * @param encoder of this {@link #configuration}
   * @throws IllegalArgumentException if the encoder's variables are not the tensors', and nothing is changed then; or if a
   *     value is not finite as float32
   * @throws IOException if the file cannot be read
   */
  public void load(Session session, TransformerEncoder encoder) throws IOException {
    try (Safetensors file = Safetensors.open(weights())) {
      Map<String, Variable<TFloat32>> variables = encoder.parameters();
      Map<String, TensorInfo> tensors = tensors(file);
      tensors.keySet().retainAll(variables.keySet());
      new WeightLoader(session, file).loadTogether(tensors, variables);
    }
  }

  /** The file of the weights, for a model's provenance. */
  public Map<String, Object> source() throws IOException {
    return SourceFile.of(weights()).toMap();
  }

  private Path weights() {
    return directory.resolve(WEIGHTS);
  }

  /** All tensors with the encoder's prefix, by BERT's names without it. */
  private Map<String, TensorInfo> tensors(Safetensors file) {
    TreeSet<String> prefixes = new TreeSet<>();
    for (String name : file.tensors().keySet()) {
      if (name.equals(WORDS) || name.endsWith("." + WORDS)) {
        prefixes.add(name.substring(0, name.length() - WORDS.length()));
      }
    }
    Require.argument(
        prefixes.size() == 1,
        "%s: one tensor must be named %s, with any prefix: %d are",
        file.file(),
        WORDS,
        prefixes.size());
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) -> {
              if (name.startsWith(prefixes.first())) {
                tensors.put(modern(name.substring(prefixes.first().length())), tensor);
              }
            });
    return tensors;
  }

  /** BERT's first releases call LayerNorm's values gamma and beta. */
  private static String modern(String name) {
    return name.replace("LayerNorm.gamma", "LayerNorm.weight")
        .replace("LayerNorm.beta", "LayerNorm.bias");
  }
}
