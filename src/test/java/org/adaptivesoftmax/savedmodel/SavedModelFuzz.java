package org.adaptivesoftmax.savedmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.adaptivesoftmax.fuzz.FuzzTarget;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;

/** Readers of the files of a version. */
public final class SavedModelFuzz {
  private static final Set<Class<? extends Throwable>> DOCUMENTED =
      Set.of(IllegalArgumentException.class, IOException.class);

  /** A few bytes may stand for 2<sup>20</sup> values. */
  private static final long REPEATED = 1_000_000;

  /** A TFRecord file. */
  public static final FuzzTarget RECORDS =
      FuzzTarget.of("records", DOCUMENTED, SavedModelFuzz::records);

  /** A warm-up request, in a file whose checksums fit, and its tensors in TensorFlow. */
  public static final FuzzTarget WARM_UP =
      FuzzTarget.of(
              "warm-up",
              Set.of(IllegalArgumentException.class, TensorFlowException.class),
              SavedModelFuzz::warmUp)
          .bytesPerByte(REPEATED);

  /** {@code provenance.json}. */
  public static final FuzzTarget PROVENANCE =
      FuzzTarget.of("provenance", DOCUMENTED, SavedModelFuzz::provenance);

  /** {@code weights.sha256}. */
  public static final FuzzTarget FINGERPRINT =
      FuzzTarget.of("fingerprint", DOCUMENTED, SavedModelFuzz::fingerprint);

  /** The counts that a version was made from, uncompressed: {@code counts.int64}. */
  public static final FuzzTarget COUNTS =
      FuzzTarget.of("published-counts", DOCUMENTED, SavedModelFuzz::counts).bytesPerByte(10_000);

  /** {@code saved_model.pb}, as it is described and made sure of before TensorFlow sees it. */
  public static final FuzzTarget SAVED_MODEL =
      FuzzTarget.of("saved-model", DOCUMENTED, SavedModelFuzz::savedModel);

  private static final byte[] DESCRIPTION =
      SavedModel.newBuilder()
          .addMetaGraphs(
              MetaGraphDef.newBuilder()
                  .setMetaInfoDef(MetaGraphDef.MetaInfoDef.newBuilder().addTags("serve")))
          .build()
          .toByteArray();

  private SavedModelFuzz() {}

  private static Path version(Path directory) throws IOException {
    Path version = directory.resolve("1");
    if (!Files.exists(version)) {
      Files.createDirectories(version.resolve("assets.extra/counts"));
      Files.createDirectories(version.resolve("variables"));
      Files.createDirectories(version.resolve("assets"));
      Files.writeString(version.resolve("assets/vocabulary.txt"), "<unk>\t1\n</s>\t1\n");
      Files.writeString(version.resolve("variables/variables.index"), "<unk>\t1\n");
      Files.write(version.resolve("saved_model.pb"), DESCRIPTION);
    }
    return version;
  }

  private static void records(byte[] input, Path directory) throws IOException {
    RecordFile.read(Files.write(directory.resolve("records"), input));
  }

  private static void warmUp(byte[] input, Path directory) throws IOException {
    Path version = version(directory);
    RecordFile.write(version.resolve(WarmUpFile.FILE), List.of(input));
    for (WarmUpRequest request : WarmUpFile.read(version)) {
      MessageTensors.of(request.inputs()).close();
      MessageTensors.firstRows(request.inputs(), 1).close();
    }
  }

  private static void provenance(byte[] input, Path directory) throws IOException {
    Path version = version(directory);
    Files.write(version.resolve(Provenance.FILE), input);
    PublishedVersion.read(new ModelDirectory(directory));
    PublishedClusters.of(version).ifPresent(clusters -> clusters.cluster("<unk>"));
    Ancestor.asParent(version);
  }

  private static void fingerprint(byte[] input, Path directory) throws IOException {
    Path version = version(directory);
    Files.write(version.resolve("assets.extra/weights.sha256"), input);
    Fingerprint.check(version);
  }

  private static void counts(byte[] input, Path directory) throws IOException {
    Path version = version(directory);
    Path counts = version.resolve(PublishedCounts.DIRECTORY);
    int end = 0;
    while (end < input.length && input[end] != '{') {
      end++;
    }
    Files.write(counts.resolve("counts.int64.gz"), Arrays.copyOf(input, end));
    Files.write(counts.resolve("about.json"), Arrays.copyOfRange(input, end, input.length));
    PublishedCounts.read(version);
  }

  private static void savedModel(byte[] input, Path directory) throws IOException {
    Path version = version(directory);
    Files.write(version.resolve("saved_model.pb"), input);
    PublishedVersion.read(new ModelDirectory(directory));
    GraphSafety.check(version);
  }
}
