package org.adaptivesoftmax.server;

import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.adaptivesoftmax.internal.io.OneLine;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.proto.FileSystemStoragePathSourceConfig.ServableVersionPolicy;
import org.adaptivesoftmax.proto.ModelConfig;
import org.adaptivesoftmax.proto.ModelServerConfig;

/**
 * Where a model comes from.
 *
 * @param name as clients call it
 * @param base directory of its versions
 * @param policy which versions are served
 * @param labels versions by label
 */
record ModelSource(String name, Path base, VersionPolicy policy, Map<String, Long> labels) {
  ModelSource {
    Require.argument(
        !name.isEmpty() && name.chars().noneMatch(c -> c == '/' || c == ':'),
        "a model's name must not be empty and have neither / nor :: %s",
        name);
  }

  /** A model whose highest version is served. */
  static ModelSource latest(String name, Path base) {
    return new ModelSource(name, base, VersionPolicy.latest(1), Map.of());
  }

  /**
   * The models of a file as TensorFlow Serving's {@code --model_config_file}.
   *
   * @throws IllegalArgumentException if it is none
   * @throws IOException if it cannot be read
   */
  static List<ModelSource> read(Path file) throws IOException {
    ModelServerConfig.Builder config = ModelServerConfig.newBuilder();
    try {
      TextFormat.merge(Files.readString(file), config);
      Require.argument(
          config.getModelConfigList().getConfigCount() > 0, "model_config_list has no config");
      return config.getModelConfigList().getConfigList().stream().map(ModelSource::of).toList();
    } catch (TextFormat.ParseException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          OneLine.of("%s is no configuration of models: %s".formatted(file, e.getMessage())), e);
    }
  }

  private static ModelSource of(ModelConfig config) {
    Require.argument(
        config.getModelPlatform().isEmpty() || config.getModelPlatform().equals("tensorflow"),
        "model_platform must be tensorflow: %s",
        config.getModelPlatform());
    Require.argument(!config.getBasePath().isEmpty(), "base_path must not be empty");
    return new ModelSource(
        config.getName(),
        Path.of(config.getBasePath()),
        policy(config.getModelVersionPolicy()),
        config.getVersionLabelsMap());
  }

  private static VersionPolicy policy(ServableVersionPolicy policy) {
    return switch (policy.getPolicyChoiceCase()) {
      case ALL -> VersionPolicy.all();
      case SPECIFIC -> VersionPolicy.specific(policy.getSpecific().getVersionsList());
      case LATEST -> VersionPolicy.latest(Math.max(1, policy.getLatest().getNumVersions()));
      case POLICYCHOICE_NOT_SET -> VersionPolicy.latest(1);
    };
  }
}
