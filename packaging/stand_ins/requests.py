"""Stands in the full bundle for the library of this name, which TensorFlow and tf_keras import and do not use here.

They would ask a cloud whether its machines are about to be taken away. The library itself opens a socket as soon as it
is imported, to see whether there is IPv6. This app never goes online, so there is nothing here to go online with.
"""
