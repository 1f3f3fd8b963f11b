import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.util.Properties;

/** Reads properties files from stdin, each after its length, and prints what java.util.Properties makes of them, in hexadecimal. */
class ReadProperties {
    public static void main(String[] args) throws Exception {
        DataInputStream in = new DataInputStream(System.in);
        StringBuilder out = new StringBuilder();
        for (int count = in.readInt(); count > 0; count--) {
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            out.append(answer(bytes)).append('\n');
        }
        System.out.print(out);
    }

    private static String answer(byte[] bytes) throws Exception {
        Properties read = new Properties();
        try {
            read.load(new ByteArrayInputStream(bytes));
        } catch (IllegalArgumentException refused) {
            return "refused";
        }
        StringBuilder line = new StringBuilder("read");
        for (String key : read.stringPropertyNames()) {
            line.append(' ').append(hex(key)).append('=').append(hex(read.getProperty(key)));
        }
        return line.toString();
    }

    private static String hex(String text) {
        StringBuilder digits = new StringBuilder();
        for (char one : text.toCharArray()) digits.append(String.format("%04x", (int) one));
        return digits.toString();
    }
}
