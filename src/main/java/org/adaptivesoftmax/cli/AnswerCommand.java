package org.adaptivesoftmax.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.adaptivesoftmax.internal.io.AtomicFile;
import org.adaptivesoftmax.internal.io.JsonFile;
import org.adaptivesoftmax.internal.io.Require;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.server.RestAnswer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers requests to a model server without one. */
@Command(
    name = "answer",
    description =
        "Answer requests of TensorFlow Serving's REST API with a model in this process, as the"
            + " server would.")
final class AnswerCommand implements Callable<CommandResult> {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS) // as the server
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  /** As much as the server takes. */
  private static final long MAX_BYTES = 64 << 20;

  @Mixin private final ModelOption model = new ModelOption();
  @Mixin private final TrustOption trust = new TrustOption();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write each answer there, under its request's file name.")
  private @Nullable Path out;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE",
      converter = InputFile.class,
      description = "Bodies of requests, as JSON: with instances, inputs or examples.")
  private List<Path> requests = List.of();

  /**
   * The answers.
   *
   * @param model the version that answered
   * @param answers by request
   */
  record Answered(String model, Map<String, JsonNode> answers) implements CommandResult {
    @Override
    public String text() {
      return answers.values().stream()
          .map(AnswerCommand::json)
          .collect(Collectors.joining(System.lineSeparator()));
    }
  }

  @Override
  public CommandResult call() throws IOException {
    ModelDirectory directory = model.directory();
    if (out != null) {
      requireApart(OutputDirectory.of(out));
    }
    try (LocalModel local = LocalModel.builder(directory).trustModel(trust.trusted()).load()) {
      Map<String, JsonNode> answers = new LinkedHashMap<>();
      for (Path request : requests) {
        answers.put(request.toString(), answer(local, request));
      }
      if (out != null) {
        write(answers, out);
      }
      return new Answered(
          directory.base().resolve(Long.toString(local.version())).toString(), answers);
    }
  }

  /** No answer is to take the place of a request, or of another answer. */
  private void requireApart(Path directory) {
    Map<Path, Path> answered = new HashMap<>();
    for (Path request : requests) {
      Path other = answered.putIfAbsent(request.getFileName(), request);
      Require.argument(
          other == null,
          "%s and %s would have one answer in --out",
          String.valueOf(other),
          request);
      Require.argument(
          !isIn(request, directory), "--out would replace a request by its answer: %s", request);
    }
  }

  /** By any name: links lead to one directory from elsewhere. */
  private static boolean isIn(Path request, Path directory) {
    try {
      return Files.isDirectory(directory)
          && directory.toRealPath().equals(request.toRealPath().getParent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode answer(LocalModel local, Path request) throws IOException {
    JsonNode body = JsonFile.read(request, MAX_BYTES, JSON);
    try {
      return RestAnswer.of(local, body);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(request, e.getMessage()), e);
    }
  }

  private static String json(JsonNode answer) {
    try {
      return JSON.writeValueAsString(answer);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Map<String, JsonNode> answers, Path directory) throws IOException {
    Files.createDirectories(directory);
    for (Map.Entry<String, JsonNode> answer : answers.entrySet()) {
      Path name = Path.of(answer.getKey()).getFileName();
      AtomicFile.writeString(directory.resolve(name), json(answer.getValue()) + "\n");
    }
  }
}
