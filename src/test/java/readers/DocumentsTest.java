package readers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.adaptivesoftmax.bench.BenchMain;
import org.adaptivesoftmax.cli.Main;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.remote.BridgeServer;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the documents show compiles, runs and leads where they say. */
class DocumentsTest {
  private static final Path SAMPLE = Path.of("savedmodels/samples/language-model");

  @TempDir private Path directory;

  static Stream<Program> fragments() {
    return programs().filter(program -> !program.runs());
  }

  static Stream<Program> mains() {
    return programs().filter(Program::runs);
  }

  private static Stream<Program> programs() {
    return Document.all().stream()
        .flatMap(document -> document.blocks("java").stream())
        .map(Program::of);
  }

  static Stream<Document> documents() {
    return Document.all().stream();
  }

  /** Command lines of the documents, their words. */
  static Stream<List<String>> commands() {
    return Document.all().stream()
        .flatMap(document -> document.blocks("sh").stream())
        .flatMap(block -> block.code().replace("\\\n", " ").lines())
        .map(line -> line.replaceFirst("^(\\w+=\\S+ )+", "").strip())
        .filter(line -> line.startsWith("tools/adaptive-softmax "))
        .map(line -> Arrays.asList(line.split("\\s+")))
        .map(words -> words.subList(1, words.size()));
  }

  @ParameterizedTest
  @MethodSource("fragments")
  void everyFragmentCompiles(Program program) throws Exception {
    program.compile(directory);
  }

  @ParameterizedTest
  @MethodSource("mains")
  void everyProgramPrintsWhatItsCommentsSay(Program program) throws Exception {
    Path classes = Files.createDirectory(directory.resolve("classes"));
    if (program.source().contains(".grpc(args[0])")) {
      try (LocalModel model = LocalModel.builder(new ModelDirectory(SAMPLE)).load();
          BridgeServer server = new BridgeServer(model, SAMPLE.getFileName().toString())) {
        assertThat(program.run(classes, server.grpcTarget())).isEqualTo(program.promised());
      }
    } else {
      Path work = directory.resolve("work");
      assertThat(program.run(classes, work.toString())).isEqualTo(program.promised());
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyLinkLeadsSomewhere(Document document) {
    for (String link : document.links()) {
      if (link.startsWith("http://") || link.startsWith("https://")) {
        continue;
      }
      String[] parts = link.split("#", 2);
      Path target =
          parts[0].isEmpty()
              ? document.file()
              : document.file().resolveSibling(parts[0]).normalize();
      assertThat(target).as("link %s", link).exists();
      if (parts.length == 2) {
        assertThat(Document.read(target).anchors()).as("link %s", link).contains(parts[1]);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasTheOptionsThatAreShown(List<String> words) {
    List<String> command = new ArrayList<>();
    for (String word : words) {
      if (!word.matches("[a-z][a-z-]*") || command.size() == 2) {
        break;
      }
      command.add(word);
    }
    if (!command.get(0).equals("bench")) {
      command = command.subList(0, 1);
    }
    command.add("--help");
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);
    int code = Main.run(out, out, BenchMain.COMMANDS, command.toArray(String[]::new));
    String help = written.toString(StandardCharsets.UTF_8);
    assertThat(code).as(help).isZero();
    Set<String> options = new HashSet<>(Arrays.asList(help.split("[\\s,=\\[\\]]+")));
    for (String word : words) {
      if (word.equals("--")) {
        break;
      }
      if (word.startsWith("--")) {
        assertThat(options).as("option of %s", command).contains(word.split("=", 2)[0]);
      }
    }
  }

  /** Those that need nothing but the sample models. */
  /** Those that end by themselves. */
  static Stream<List<String>> cheapCommands() {
    return commands()
        .filter(words -> String.join(" ", words).contains("savedmodels/samples/"))
        .filter(words -> !words.get(0).equals("serve"));
  }

  @ParameterizedTest
  @MethodSource("cheapCommands")
  void everyCommandOnTheSamplesRuns(List<String> words) {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);
    List<String> arguments = words.stream().map(word -> word.replace("\"", "")).toList();
    int code = Main.run(out, out, BenchMain.COMMANDS, arguments.toArray(String[]::new));
    assertThat(code).as(written.toString(StandardCharsets.UTF_8)).isZero();
  }

  @Test
  void thereIsSomethingToCheck() {
    assertThat(fragments()).hasSizeGreaterThan(10);
    assertThat(mains()).hasSizeGreaterThanOrEqualTo(4);
    assertThat(commands()).hasSizeGreaterThan(10);
    assertThat(cheapCommands()).isNotEmpty();
  }

  @Test
  void theReadmeIsShort() throws Exception {
    assertThat(Files.size(Path.of("README.md"))).isLessThanOrEqualTo(10_240);
  }

  /** The README, and the project of the examples. */
  @ParameterizedTest
  @ValueSource(strings = {"README.md", "tools/examples/pom.xml"})
  void usersAreGivenTheVersionsOfTheBuild(Path file) throws Exception {
    String pom = Files.readString(Path.of("pom.xml"));
    String library = "<artifactId>tensorflow-adaptive-softmax</artifactId>";
    assertThat(Files.readString(file).replaceAll(">\\s+<", "><"))
        .contains(
            library + "<version>" + between(pom, library + "\n  <version>", "<") + "<",
            "<artifactId>tensorflow-core-native</artifactId><version>%s<"
                .formatted(between(pom, "<tensorflow.version>", "<")));
  }

  @Test
  void theExamplesHaveTheVersionsThatAreTested() throws Exception {
    String pom = Files.readString(Path.of("pom.xml"));
    assertThat(Files.readString(Path.of("tools/examples/pom.xml")).replaceAll(">\\s+<", "><"))
        .contains(
            "<artifactId>jackson-databind</artifactId><version>%s<"
                .formatted(between(pom, "<jackson.version>", "<")),
            "<artifactId>junit-jupiter</artifactId><version>%s<"
                .formatted(between(pom, "<junit.version>", "<")));
  }

  @Test
  void everyOptionalLibraryIsNamed() throws Exception {
    Pattern optional =
        Pattern.compile(
            "<artifactId>([^<]+)</artifactId>(?:(?!</?dependency>)[\\s\\S])*<optional>true</optional>");
    List<String> libraries =
        optional
            .matcher(Files.readString(Path.of("pom.xml")))
            .results()
            .map(m -> m.group(1))
            .toList();
    assertThat(libraries).contains("jackson-databind", "picocli");
    String table = Files.readString(Path.of("docs/clients.md"));
    assertThat(libraries).allSatisfy(library -> assertThat(table).contains(library + "`"));
  }

  private static String between(String text, String start, String end) {
    int from = text.indexOf(start);
    if (from < 0) {
      return fail("no " + start);
    }
    return text.substring(from + start.length(), text.indexOf(end, from + start.length()));
  }

  @Test
  void theFigureIsWhatItsSourceDraws() throws Exception {
    Process drawing =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"), "docs/figures/Layer.java")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String drawn = new String(drawing.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(drawing.waitFor()).isZero();
    assertThat(Files.readString(Path.of("docs/figures/layer.svg"))).isEqualTo(drawn);
  }
}
