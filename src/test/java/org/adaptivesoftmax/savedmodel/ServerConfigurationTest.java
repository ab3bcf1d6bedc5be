package org.adaptivesoftmax.savedmodel;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import com.google.protobuf.WrappersProto;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The configuration of a server for {@code savedmodels/samples}, read as the server reads it. */
class ServerConfigurationTest {
  private static final Path SAMPLES = Path.of("savedmodels", "samples");

  private static DynamicMessage read(String file, String type) throws Exception {
    FileDescriptorProto.Builder definition = FileDescriptorProto.newBuilder();
    try (var resource =
        Objects.requireNonNull(
            ServerConfigurationTest.class.getResourceAsStream(
                "/tensorflow-serving/configuration.descriptor.txt"))) {
      TextFormat.merge(new String(resource.readAllBytes(), StandardCharsets.UTF_8), definition);
    }
    FileDescriptor descriptor =
        FileDescriptor.buildFrom(
            definition.build(), new FileDescriptor[] {WrappersProto.getDescriptor()});
    DynamicMessage.Builder message =
        DynamicMessage.newBuilder(descriptor.findMessageTypeByName(type));
    TextFormat.merge(Files.readString(SAMPLES.resolve(file)), message);
    return message.build();
  }

  private static Object field(Message message, String name) {
    return message.getField(message.getDescriptorForType().findFieldByName(name));
  }

  private static Message message(Message message, String name) {
    return (Message) field(message, name);
  }

  @SuppressWarnings("unchecked") // A repeated field of messages is a list of them.
  private static List<Message> messages(Message message, String name) {
    return (List<Message>) field(message, name);
  }

  @Test
  void modelsHaveLabelsOfVersionsThatAreServed() throws Exception {
    Message server = read("models.config", "ModelServerConfig");
    List<String> names = new ArrayList<>();
    for (Message model : messages(message(server, "model_config_list"), "config")) {
      String name = (String) field(model, "name");
      names.add(name);
      assertThat(field(model, "base_path")).isEqualTo("/models/" + name);
      assertThat(field(model, "model_platform")).isEqualTo("tensorflow");
      List<?> versions =
          (List<?>) field(message(message(model, "model_version_policy"), "specific"), "versions");
      assertThat(versions)
          .isNotEmpty()
          .allSatisfy(
              version ->
                  assertThat(SAMPLES.resolve(name).resolve(version + "/saved_model.pb")).exists());
      assertThat(messages(model, "version_labels"))
          .isNotEmpty()
          .allSatisfy(label -> assertThat(versions.contains(field(label, "value"))).isTrue());
    }
    assertThat(names).containsExactlyInAnyOrder("output-layer", "language-model", "classifier");
  }

  @Test
  void batchSizesIncreaseToTheLargest() throws Exception {
    Message batching = read("batching.config", "BatchingParameters");
    List<Long> allowed = new ArrayList<>();
    ((List<?>) field(batching, "allowed_batch_sizes")).forEach(size -> allowed.add((Long) size));
    assertThat(allowed).isSorted().doesNotHaveDuplicates().startsWith(1L);
    assertThat(field(message(batching, "max_batch_size"), "value"))
        .isEqualTo(allowed.get(allowed.size() - 1));
    assertThat((Long) field(message(batching, "batch_timeout_micros"), "value")).isPositive();
  }

  @Test
  void prometheusFindsTheMetrics() throws Exception {
    Message prometheus =
        message(read("monitoring.config", "MonitoringConfig"), "prometheus_config");
    assertThat(field(prometheus, "enable")).isEqualTo(true);
    assertThat(field(prometheus, "path")).isEqualTo("/monitoring/prometheus/metrics");
  }
}
