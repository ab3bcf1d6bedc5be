package org.adaptivesoftmax.internal.io;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.adaptivesoftmax.AdaptiveSoftmax;
import org.adaptivesoftmax.bench.study.NGramTrials;
import org.adaptivesoftmax.bench.study.Study;
import org.adaptivesoftmax.bench.study.StudySettings;
import org.adaptivesoftmax.client.ClassLogProb;
import org.adaptivesoftmax.cluster.ClusterPlan;
import org.adaptivesoftmax.cluster.ProductTimes;
import org.adaptivesoftmax.export.ClassifierExporter;
import org.adaptivesoftmax.export.LanguageModelExporter;
import org.adaptivesoftmax.export.OutputLayerExporter;
import org.adaptivesoftmax.local.LocalModel;
import org.adaptivesoftmax.pytorch.PretrainedEncoder;
import org.adaptivesoftmax.pytorch.Safetensors;
import org.adaptivesoftmax.pytorch.WeightSource;
import org.adaptivesoftmax.remote.RemoteModel;
import org.adaptivesoftmax.savedmodel.ModelDirectory;
import org.adaptivesoftmax.savedmodel.Provenance;
import org.adaptivesoftmax.savedmodel.PublishedVersion;
import org.adaptivesoftmax.server.RestAnswer;
import org.adaptivesoftmax.text.Corpus;
import org.adaptivesoftmax.text.CountsDirectory;
import org.adaptivesoftmax.text.LabelledCorpus;
import org.adaptivesoftmax.text.TokenStatistics;
import org.adaptivesoftmax.training.LanguageModelTrainer;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Enters where optional libraries are needed, in a process whose class path lacks some, and prints what comes of it. Links
 * without any of them.
 */
final class WithoutLibraries {
  private static final Map<String, Callable<?>> ENTRIES = new LinkedHashMap<>();

  static {
    ENTRIES.put("cache", () -> LocalModel.builder(model()).cache(10));
    ENTRIES.put("metrics", () -> LocalModel.builder(model()).metrics(null));
    ENTRIES.put("grpc", () -> RemoteModel.builder("m").grpc("localhost:1"));
    ENTRIES.put("rest", () -> RemoteModel.builder("m").rest(URI.create("http://localhost:1")));
    ENTRIES.put("answer", () -> RestAnswer.of(null, null));
    ENTRIES.put("safetensors", () -> Safetensors.open(Path.of("no-such-file")));
    ENTRIES.put("provenance", WithoutLibraries::provenance);
    ENTRIES.put("language-model", () -> LanguageModelExporter.builder(null, null));
    ENTRIES.put("classifier", () -> ClassifierExporter.builder(null, null, null));
    ENTRIES.put("encoder", () -> PretrainedEncoder.read(Path.of("no-such")));
    ENTRIES.put("layer", () -> OutputLayerExporter.builder(null).provenance(Map.of("data", "d")));
    ENTRIES.put("checkpoint", () -> LanguageModelTrainer.hasCheckpoint(Path.of("no-such")));
    ENTRIES.put("corpus", Corpus::wordNet);
    ENTRIES.put("statistics", () -> TokenStatistics.builder().build());
    ENTRIES.put("counts", () -> new CountsDirectory(Path.of("no-such")));
    ENTRIES.put("products", () -> ProductTimes.read(Path.of("no-such-file")));
    ENTRIES.put("zstd", WithoutLibraries::zstd);
    ENTRIES.put("labelled", LabelledCorpus::wordNet);
    ENTRIES.put("study", WithoutLibraries::study);
    ENTRIES.put("plain", WithoutLibraries::plain);
  }

  private WithoutLibraries() {}

  /** Takes the names of entries; prints a line for each. */
  public static void main(String[] names) {
    for (String name : names) {
      System.out.println(name + ": " + outcome(ENTRIES.get(name)));
    }
  }

  private static String outcome(Callable<?> entry) {
    try {
      entry.call();
      return "done";
    } catch (Throwable failure) { // NoClassDefFoundError, for one.
      return failure.toString();
    }
  }

  private static ModelDirectory model() {
    return new ModelDirectory(Path.of("no-such-model"));
  }

  private static Provenance provenance() throws IOException {
    Path version = Files.createTempDirectory("version");
    try {
      Path file = version.resolve(Provenance.FILE);
      Files.createDirectory(file.getParent());
      Files.writeString(file, "{}");
      return Provenance.read(version);
    } finally {
      FileTree.delete(version);
    }
  }

  private static Object zstd() throws IOException {
    Path file = Files.createTempDirectory("zstd").resolve("text.zst");
    try {
      Files.write(file, new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd});
      Corpus.ofFile(file).forEachLine(line -> {});
      return file;
    } finally {
      FileTree.delete(file.getParent());
    }
  }

  private static Object study() throws Exception {
    Path directory = Files.createTempDirectory("study");
    try {
      return new Study(
              List.of(), new StudySettings(1, 2, 0.1), directory, line -> {}, new NGramTrials())
          .run();
    } finally {
      FileTree.delete(directory);
    }
  }

  /** All that is promised without any of them: a layer is built, exported, inspected and served. */
  private static Object plain() throws Exception {
    Path directory = Files.createTempDirectory("plain");
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      AdaptiveSoftmax<TFloat32> layer = layer(Ops.create(graph));
      session.initialize();
      ModelDirectory model = new ModelDirectory(directory.resolve("model"));
      OutputLayerExporter.builder(WithoutLibraries::layer)
          .build()
          .publish(model, WeightSource.of(session, layer));
      PublishedVersion.check(model);
      try (LocalModel served = LocalModel.builder(model).load()) {
        List<List<ClassLogProb<Long>>> best = served.outputLayer().topK(new float[8]);
        return best.get(0).get(0);
      }
    } finally {
      FileTree.delete(directory);
    }
  }

  private static AdaptiveSoftmax<TFloat32> layer(Ops tf) {
    return AdaptiveSoftmax.builder(TFloat32.class).plan(ClusterPlan.of(8, 20, 5)).build(tf);
  }
}
