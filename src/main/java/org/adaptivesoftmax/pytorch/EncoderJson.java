package org.adaptivesoftmax.pytorch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.adaptivesoftmax.internal.io.JsonFile;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.model.EncoderConfiguration;
import org.adaptivesoftmax.model.EncoderConfiguration.Embeddings;
import org.adaptivesoftmax.model.EncoderConfiguration.Pooling;

/** The configuration of a Hugging Face encoder, apart from the rest: without Jackson this class does not link. */
final class EncoderJson {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final Path POOLING = Path.of("1_Pooling", "config.json");

  private EncoderJson() {}

  static EncoderConfiguration read(Path directory) throws IOException {
    Path file = directory.resolve(PretrainedEncoder.CONFIGURATION);
    JsonNode root = read(file, "config.json");
    try {
      requireValue(root, "model_type", "bert");
      requireValue(root, "hidden_act", "gelu");
      requireValue(root, "position_embedding_type", "absolute");
      return EncoderConfiguration.builder()
          .vocabulary(number(root, "vocab_size"))
          .positions(number(root, "max_position_embeddings"))
          .types(number(root, "type_vocab_size"))
          .width(number(root, "hidden_size"))
          .layers(number(root, "num_hidden_layers"))
          .heads(number(root, "num_attention_heads"))
          .intermediate(number(root, "intermediate_size"))
          .epsilon(root.path("layer_norm_eps").asDouble(1e-12))
          .pooling(pooling(directory))
          .build();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  /** What {@link #read} reads. */
  static String write(EncoderConfiguration configuration) throws IOException {
    Embeddings embeddings = configuration.embeddings();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("model_type", "bert");
    values.put("hidden_act", "gelu");
    values.put("position_embedding_type", "absolute");
    values.put("vocab_size", embeddings.vocabulary());
    values.put("max_position_embeddings", embeddings.positions());
    values.put("type_vocab_size", embeddings.types());
    values.put("hidden_size", embeddings.width());
    values.put("num_hidden_layers", configuration.layers());
    values.put("num_attention_heads", configuration.heads());
    values.put("intermediate_size", configuration.intermediate());
    values.put("layer_norm_eps", configuration.epsilon());
    return JSON.writeValueAsString(values) + "\n";
  }

  private static Pooling pooling(Path directory) throws IOException {
    Path file = directory.resolve(POOLING);
    if (!Files.exists(file)) {
      return Pooling.MEAN;
    }
    JsonNode root = read(file, POOLING.toString());
    boolean mean = root.path("pooling_mode_mean_tokens").asBoolean();
    Require.argument(
        mean || root.path("pooling_mode_cls_token").asBoolean(),
        "%s must set pooling_mode_mean_tokens or pooling_mode_cls_token",
        POOLING);
    return mean ? Pooling.MEAN : Pooling.FIRST_TOKEN;
  }

  private static void requireValue(JsonNode root, String key, String value) {
    Require.argument(
        root.path(key).asText(value).equals(value), "%s must be %s: %s", key, value, root.get(key));
  }

  private static int number(JsonNode root, String key) {
    JsonNode value = root.path(key);
    Require.argument(value.isInt(), "%s must be a whole number: %s", key, value);
    return value.intValue();
  }

  private static JsonNode read(Path file, String name) throws IOException {
    JsonNode root = JsonFile.read(file, JsonFile.MAX_BYTES);
    Require.argument(root.isObject(), "%s: %s must be a JSON object", file, name);
    return root;
  }
}
