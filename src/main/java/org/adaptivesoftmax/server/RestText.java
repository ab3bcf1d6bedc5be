package org.adaptivesoftmax.server;

import com.google.protobuf.ByteString;
import java.util.Base64;
import java.util.Map;
import org.adaptivesoftmax.proto.Class;
import org.adaptivesoftmax.proto.ClassificationResult;
import org.adaptivesoftmax.proto.Classifications;
import org.adaptivesoftmax.proto.RegressionResult;
import org.tensorflow.ndarray.DoubleNdArray;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;

/** The bodies of TensorFlow Serving's REST answers, as it writes them. */
final class RestText {
  private RestText() {}

  static String error(String message) {
    return new JsonText().startObject().key("error").string(message).endObject().toString();
  }

  /**
   * The outputs of a signature.
   *
   * @param rows whether row by row, else column by column
   */
  static String predicted(Map<String, NdArray<?>> outputs, boolean rows) {
    if (outputs.isEmpty()) {
      throw RequestFailure.invalid("Cannot convert empty tensor map to JSON");
    }
    return rows ? predictions(outputs) : outputs(outputs);
  }

  private static String predictions(Map<String, NdArray<?>> outputs) {
    long rows = rows(outputs);
    boolean named = outputs.size() > 1;
    JsonText json = new JsonText().startObject().key("predictions").startList();
    for (long row = 0; row < rows; row++) {
      if (named) {
        json.startObject();
      }
      json.oneLine(true);
      for (Map.Entry<String, NdArray<?>> output : outputs.entrySet()) {
        if (named) {
          json.key(output.getKey());
        }
        value(json, output.getValue().get(row), isBytes(output.getKey()));
      }
      json.oneLine(false);
      if (named) {
        json.endObject();
      }
    }
    return json.endList().endObject().toString();
  }

  private static long rows(Map<String, NdArray<?>> outputs) {
    long rows = -1;
    for (Map.Entry<String, NdArray<?>> output : outputs.entrySet()) {
      if (output.getValue().rank() == 0) {
        throw RequestFailure.invalid(
            "Tensor name: %s has no shape information ".formatted(output.getKey()));
      }
      long found = output.getValue().shape().get(0);
      if (rows >= 0 && rows != found) {
        throw RequestFailure.invalid(
            "Tensor name: %s has inconsistent batch size: %s expecting: %s"
                .formatted(output.getKey(), found, rows));
      }
      rows = found;
    }
    return rows;
  }

  private static String outputs(Map<String, NdArray<?>> outputs) {
    JsonText json = new JsonText().startObject().key("outputs");
    boolean named = outputs.size() > 1;
    if (named) {
      json.startObject();
    }
    outputs.forEach(
        (name, output) -> {
          if (named) {
            json.key(name);
          }
          value(json, output, isBytes(name));
        });
    if (named) {
      json.endObject();
    }
    return json.endObject().toString();
  }

  private static boolean isBytes(String output) {
    return output.endsWith("_bytes");
  }

  private static void value(JsonText json, NdArray<?> array, boolean bytes) {
    if (array.rank() > 0) {
      json.startList();
      array.elements(0).forEach(element -> value(json, element, bytes));
      json.endList();
    } else if (array instanceof FloatNdArray number) {
      json.number(number.getFloat());
    } else if (array instanceof DoubleNdArray number) {
      json.number(number.getDouble());
    } else if (!(array.getObject() instanceof String text)) {
      json.raw(array.getObject().toString());
    } else if (bytes) {
      byte[] utf8 = ByteString.copyFromUtf8(text).toByteArray();
      json.startObject().key("b64").string(Base64.getEncoder().encodeToString(utf8)).endObject();
    } else {
      json.string(text);
    }
  }

  static String classes(ClassificationResult result) {
    JsonText json = new JsonText().startObject().key("results").startList();
    for (Classifications example : result.getClassificationsList()) {
      json.oneLine(true).startList();
      for (Class one : example.getClassesList()) {
        json.startList().string(one.getLabel()).number(one.getScore()).endList();
      }
      json.endList().oneLine(false);
    }
    return json.endList().endObject().toString();
  }

  static String regressions(RegressionResult result) {
    JsonText json = new JsonText().startObject().key("results").oneLine(true).startList();
    result.getRegressionsList().forEach(number -> json.number(number.getValue()));
    return json.endList().endObject().toString();
  }
}
